//! Manifests and keys, as everyone receives them.

use super::json::{flipped, other_value};
use super::matrix::Matrix;
use super::scene::Scene;
use crate::report::Figure;
use anyhow::{Context, Result};
use serde_json::Value;
use zkml::VerifyingKey;
use zkml_network::{
    Asked, Engine, Error, PendingRequest, ProviderKeys, PublishedModel, SealedRequest, SignedManifest,
};

/// Reads them all.
pub fn figure(scene: &Scene) -> Result<Figure> {
    let manifest = scene.offer.prover.manifest();
    let bytes = manifest.to_json()?;
    let text = String::from_utf8(bytes.clone())?;
    let good: Value = serde_json::from_slice(&bytes)?;
    let mut matrix = Matrix::default();
    let read = |text: &str| SignedManifest::from_json(text.as_bytes());
    let fields = good["manifest"]
        .as_object()
        .context("a manifest without content")?;
    for (field, value) in fields {
        let mut json = good.clone();
        json["manifest"][field] = other_value(value);
        let body = serde_json::to_string_pretty(&json)? + "\n";
        matrix.add(
            field.as_str(),
            &["bad-signature", "malformed", "not-canonical"],
            read(&body),
        );
    }
    matrix.add("signature", &["bad-signature"], {
        let signature = good["signature"].as_str().unwrap_or_default();
        read(&text.replace(signature, &flipped(&good["signature"])))
    });
    matrix.add(
        "version",
        &["version"],
        read(&text.replacen("\"version\": 1", "\"version\": 2", 1)),
    );
    matrix.add("other bytes", &["not-canonical"], read(&good.to_string()));
    matrix.add("cut short", &["malformed"], read(&text[..text.len() / 2]));

    let other = scene.other.prover.manifest();
    matrix.add(
        "another model's",
        &["wrong-model"],
        other.clone().expect(manifest.digest()),
    );
    let stranger = ProviderKeys::generate()?;
    let resigned = SignedManifest::sign(manifest.body().clone(), &stranger)?;
    matrix.add(
        "another provider's",
        &["wrong-model"],
        resigned.clone().expect(manifest.digest()),
    );
    matrix.add(
        "another provider's, by its key",
        &["wrong-provider"],
        resigned.expect_provider(&manifest.body().provider),
    );

    // A manifest that states another circuit or key than the file has.
    let key = scene.offer.published().key().clone();
    for (name, change) in [
        ("another circuit digest", "model_digest"),
        ("another key digest", "key_digest"),
    ] {
        let mut body = manifest.body().clone();
        let digest = zkml::Digest::from([7; 32]);
        match change {
            "model_digest" => body.model_digest = digest,
            _ => body.key_digest = digest,
        }
        let signed = SignedManifest::sign(body, &scene.site.keys)?;
        matrix.add(name, &["mismatch"], PublishedModel::new(signed, key.clone()));
    }
    let mut damaged = key.to_bytes()?;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let loaded = VerifyingKey::from_bytes(&damaged).map_err(Error::from);
    matrix.add("a damaged key", &["proof-system"], loaded);

    // The secret of a request is its own.
    let foreign = SealedRequest::from_json(&scene.request.envelope().to_json()?)?;
    matrix.add(
        "another provider's secret",
        &["cannot-open"],
        foreign.open(stranger.sealing()),
    );
    let misfit = Asked {
        inputs: vec![vec![0; 3]],
        ..scene.offer.asked_in_range(0)?
    };
    matrix.add(
        "an input that does not fit",
        &["input"],
        PendingRequest::new(manifest, misfit),
    );
    Ok(matrix.figure())
}
