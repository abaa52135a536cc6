//! `zkml inspect`.

mod artifact;
mod onnx;

use crate::output::{Session, Verdict};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use zkml::advanced::{ArtifactKind, KeyProtocol};
use zkml::commitments::{ModelCommitment, ModelSecret};
use zkml::{Circuit, CompiledModel, Proof, ProvingKey, Srs, VerifyingKey};
use zkml_network::SignedManifest;

/// Say what a file holds.
///
/// ONNX models: operators (those that are not supported, too), inputs and outputs. Compiled
/// models: the quantisation report and the size of the circuit. Manifests: what the provider
/// signed. Keys, proofs and SRS: version, digests, sizes.
///
/// With `--protocol`, a verifying key as the data that a verifier in another language reads:
/// docs/proof-format.md describes it.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml inspect model.onnx\n  zkml inspect model.zkml\n  zkml inspect model.zkproof --json\n  zkml inspect --protocol model.vk > protocol.json"
)]
pub struct InspectArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print the protocol of a verifying key, as JSON
    #[arg(long)]
    pub protocol: bool,
}

/// Bytes that tell what a file is: magic and kind.
const PREFIX: u64 = 64;
/// What a manifest says it is.
const MANIFEST: &str = "\"format\": \"zkml manifest\"";

/// What a file holds, for machines and for people.
struct Description {
    json: Value,
    text: String,
}

/// Says what a file holds.
pub fn run(args: InspectArgs, session: &Session) -> Result<Verdict> {
    let path = &args.file;
    let context = || format!("cannot inspect {}", path.display());
    if args.protocol {
        let (protocol, text) = protocol(path).with_context(context)?;
        session.line(&protocol.document(), || text)?;
        return Ok(Verdict::Good);
    }
    let description = describe(path, session).with_context(context)?;
    session.result(&description.json, || description.text)?;
    Ok(Verdict::Good)
}

/// The protocol of a key, and its JSON.
fn protocol(path: &Path) -> Result<(KeyProtocol, String)> {
    let protocol = VerifyingKey::load(path)?.protocol()?;
    let json = protocol.to_json()?;
    Ok((protocol, json))
}

fn describe(path: &Path, session: &Session) -> Result<Description> {
    let mut prefix = Vec::new();
    File::open(path)?.take(PREFIX).read_to_end(&mut prefix)?;
    if prefix.trim_ascii_start().starts_with(b"{") {
        let text = crate::input::read_text(path, artifact::PROOF_LIMIT)?;
        // Both are JSON and say what they are.
        return match text.contains(MANIFEST) {
            true => artifact::manifest(&SignedManifest::from_json(text.as_bytes())?),
            false => artifact::proof(&Proof::from_json(&text)?),
        };
    }
    let Some(header) = prefix.strip_prefix(b"ZKML") else {
        return onnx::describe(path);
    };
    const KINDS: [ArtifactKind; 8] = [
        ArtifactKind::CompiledModel,
        ArtifactKind::ProvingKey,
        ArtifactKind::VerifyingKey,
        ArtifactKind::Proof,
        ArtifactKind::Srs,
        ArtifactKind::ModelCommitment,
        ArtifactKind::ModelSecret,
        ArtifactKind::Circuit,
    ];
    let byte = header.first().copied();
    let Some(kind) = KINDS.into_iter().find(|kind| Some(*kind as u8) == byte) else {
        bail!("expected a file that this version of zkml writes, found one of an unknown kind");
    };
    let read = session.progress();
    match kind {
        ArtifactKind::CompiledModel => {
            artifact::compiled(&read.stage("reading the model", || CompiledModel::load(path))?)
        }
        ArtifactKind::ProvingKey => {
            artifact::proving_key(&read.stage("reading the key", || ProvingKey::load(path))?)
        }
        ArtifactKind::VerifyingKey => artifact::verifying_key(&VerifyingKey::load(path)?),
        ArtifactKind::Proof => artifact::proof(&Proof::load(path)?),
        ArtifactKind::Srs => artifact::srs(&read.stage("reading the SRS", || Srs::load(path))?),
        ArtifactKind::Circuit => {
            artifact::circuit(&read.stage("reading the circuit", || Circuit::load(path))?)
        }
        ArtifactKind::ModelCommitment => artifact::commitment(&ModelCommitment::load(path)?),
        ArtifactKind::ModelSecret => {
            ModelSecret::load(path)?;
            Ok(artifact::secret())
        }
    }
}
