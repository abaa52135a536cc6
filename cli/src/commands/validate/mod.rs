//! `zkml validate`.

mod judge;
mod source;

use crate::args::ValidateArgs;
use crate::config::{SrsSource, check_published, circuit_beside, fetch_circuit_and_srs};
use crate::output::{Session, Verdict, warn_of_weights};
use anyhow::{Context, Result, bail};
use judge::Judge;
use source::Source;
use std::time::Duration;
use zkml::{Circuit, Srs, VerifyingKey};
use zkml_network::{Client, PublishedModel, SignedManifest};

/// How long a provider may take to send a manifest.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks proofs.
pub fn run(args: ValidateArgs, session: &Session) -> Result<Verdict> {
    let (model, client) = published(&args)?;
    warn_of_weights(model.manifest(), session);
    let fetch = || match &client {
        Some(client) => fetch_circuit_and_srs(client, &model, session),
        None => beside_manifest(&args, &model, session),
    };
    let key_check = check_published(&model, &args.trust, fetch, session)?;
    let mut judge = Judge::new(&model, key_check, args.at);
    let mut source = Source::open(&args.proofs)?;
    while let Some(batch) = source.next(args.batch.into())? {
        session.progress().report("checking proofs", 0.0)?;
        for verdict in judge.judge(batch) {
            session.line(&verdict, || verdict.to_string())?;
        }
    }
    let (valid, invalid) = judge.counts();
    session.note(&format!("{valid} valid, {invalid} invalid"));
    match invalid {
        0 if valid == 0 => bail!("expected proofs, found none"),
        0 => Ok(Verdict::Good),
        _ => Ok(Verdict::InvalidProof),
    }
}

/// The circuit and the SRS of a key that lies in a file.
fn beside_manifest(args: &ValidateArgs, model: &PublishedModel, session: &Session) -> Result<(Circuit, Srs)> {
    let beside = || args.manifest.as_deref().map(circuit_beside);
    let path = args.circuit.clone().or_else(beside);
    let path = path.context("expected the model's circuit (--circuit)")?;
    let circuit = Circuit::load(&path).with_context(|| {
        format!(
            "cannot use {} as the circuit of the model; the provider publishes it beside the manifest and the key",
            path.display()
        )
    })?;
    let srs = SrsSource::from(args.srs.clone()).for_key(model.key(), session.progress())?;
    Ok((circuit, srs))
}

/// The model, and the provider if it came from there.
fn published(args: &ValidateArgs) -> Result<(PublishedModel, Option<Client>)> {
    let pinned = |manifest: SignedManifest| match &args.model {
        Some(digest) => manifest.expect(digest),
        None => Ok(manifest),
    };
    if let (Some(url), Some(digest)) = (&args.url, &args.model) {
        let client = Client::new(url, PATIENCE);
        return Ok((client.published(client.manifest(digest)?)?, Some(client)));
    }
    let (Some(manifest), Some(key)) = (&args.manifest, &args.vk) else {
        bail!("expected a manifest and its verifying key (--manifest, --vk), or a provider (--url, --model)");
    };
    let signed = pinned(
        SignedManifest::load(manifest)
            .with_context(|| format!("cannot use {} as a manifest", manifest.display()))?,
    )?;
    let key = VerifyingKey::load(key)
        .with_context(|| format!("cannot use {} as a verifying key", key.display()))?;
    Ok((PublishedModel::new(signed, key)?, None))
}
