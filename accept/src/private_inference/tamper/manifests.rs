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
        read(&text.replacen("\"version\": 2", "\"version\": 3", 1)),
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

    // A manifest that states another circuit or key than its commitment has, or than the file has.
    let key = scene.offer.published().key().clone();
    let digest = zkml::Digest::from([7; 32]);
    for (name, of_key) in [("circuit", false), ("key", true)] {
        let mut body = manifest.body().clone();
        let stated = if of_key {
            &mut body.key_digest
        } else {
            &mut body.model_digest
        };
        *stated = digest;
        let signed = SignedManifest::sign(body.clone(), &scene.site.keys);
        matrix.add(format!("another {name} digest"), &["malformed"], signed);
        let listed = body.model_commitment.as_deref().context("no committed weights")?;
        body.model_commitment = Some(moved(listed, of_key, &digest)?);
        let signed = SignedManifest::sign(body, &scene.site.keys)?;
        matrix.add(
            format!("another {name} digest, and the commitment's"),
            &["mismatch"],
            PublishedModel::new(signed, key.clone()),
        );
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

/// A model commitment, as a manifest lists it, for another model or key.
fn moved(listed: &str, of_key: bool, digest: &zkml::Digest) -> Result<String> {
    let file = hex::decode(listed)?;
    // Between the container's head and its checksum: the digests of the model and of the key, then the points.
    let end = file.len().checked_sub(32).context("no container")?;
    let mut payload = file.get(16..end).context("no container")?.to_vec();
    let start = 32 * usize::from(of_key);
    let place = payload.get_mut(start..start + 32).context("no digests")?;
    place.copy_from_slice(digest.as_bytes());
    Ok(hex::encode(zkml::advanced::seal(
        zkml::advanced::ArtifactKind::ModelCommitment,
        &payload,
    )))
}
