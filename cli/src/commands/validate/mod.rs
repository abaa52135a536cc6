//! `zkml validate`.

mod judge;
mod source;

use crate::config::{
    KeyTrustArgs, SrsSource, check_published, circuit_beside, fetch_circuit_and_srs, service_url,
};
use crate::output::{Session, Verdict, warn_of_weights};
use anyhow::{Context, Result, bail};
use clap::Args;
use judge::Judge;
use source::Source;
use std::path::PathBuf;
use std::time::Duration;
use zkml::{Circuit, Srs, VerifyingKey};
use zkml_network::{Client, PublishedModel, SignedManifest};

/// Check answers without seeing what they are about: one proof, a folder of them, or a stream.
///
/// Prints a line for each, and names every one that is invalid, expired, for another model, or a
/// second answer to a request. The first time a key is seen, it is made again from the model's circuit and the SRS.
/// Exit code 0: all are valid; 1: some are not; 2: no answer.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml validate answer.zkproof --manifest lenet5.manifest.json --vk lenet5.vk\n  zkml validate proofs/ --url http://127.0.0.1:8080 --model 3f0c...9a\n  zkml validate - --manifest lenet5.manifest.json --vk lenet5.vk < proofs.jsonl"
)]
pub struct ValidateArgs {
    /// Proofs, folders with proofs (.zkproof, .zkproof.json), or - for JSON proofs on stdin, one a line
    #[arg(value_name = "PROOF", required = true)]
    pub proofs: Vec<PathBuf>,
    /// The model's manifest, from someone you trust
    #[arg(long, value_name = "FILE", requires = "vk", required_unless_present = "url")]
    pub manifest: Option<PathBuf>,
    /// Its verifying key
    #[arg(long, value_name = "FILE", requires = "manifest")]
    pub vk: Option<PathBuf>,
    /// The model's circuit [default: the manifest's path with the extension .circuit]
    #[arg(long, value_name = "FILE", requires = "manifest")]
    pub circuit: Option<PathBuf>,
    /// The SRS of the key, from anyone: its powers are checked [default: from the cache]
    #[arg(long, value_name = "FILE")]
    pub srs: Option<PathBuf>,
    /// How the key is checked.
    #[command(flatten)]
    pub trust: KeyTrustArgs,
    /// A provider to fetch them from; --model says which
    #[arg(long, value_name = "URL", requires = "model", conflicts_with_all = ["manifest", "vk"], value_parser = service_url)]
    pub url: Option<String>,
    /// Digest of the manifest, which pins it
    #[arg(long, value_name = "DIGEST")]
    pub model: Option<zkml::Digest>,
    /// When the proofs are judged, in seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<u64>,
    /// Proofs that are checked together
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub batch: u16,
}

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
