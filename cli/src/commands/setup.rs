//! `zkml setup`.

use super::load_model;
use crate::config::{
    BackendArgs, SrsRequirement, SrsSource, beside, check_outputs, choose_backend, standing, warn_of_srs,
};
use crate::output::{Session, Verdict, bytes, next_step, table};
use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::ceremony::{SrsId, SrsStanding};
use zkml::{Digest, SetupOptions, TranscriptKind};

/// Make the proving key and the verifying key of a compiled model, and the circuit that others check the key with.
///
/// Give the verifying key and the circuit to those who verify. The circuit has no weights that are hidden.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml setup model.zkml\n  zkml setup model.zkml --srs k13.srs --pk prover.pk --vk verifier.vk"
)]
pub struct SetupArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The hash of the proofs' challenges [default: evm for models compiled with `--optimize evm`, else blake2b]
    #[arg(long, value_enum)]
    pub transcript: Option<Transcript>,
    /// The SRS [default: the best fit from the cache]
    #[arg(long, value_name = "FILE")]
    pub srs: Option<PathBuf>,
    /// Where to write the proving key [default: the model's path with the extension .pk]
    #[arg(long, value_name = "FILE")]
    pub pk: Option<PathBuf>,
    /// Where to write the verifying key [default: the model's path with the extension .vk]
    #[arg(long, value_name = "FILE")]
    pub vk: Option<PathBuf>,
    /// Where to write the circuit [default: the model's path with the extension .circuit]
    #[arg(long, value_name = "FILE")]
    pub circuit: Option<PathBuf>,
    /// Which SRS the keys must come from.
    #[command(flatten)]
    pub require: SrsRequirement,
    /// Where to compute.
    #[command(flatten)]
    pub backend: BackendArgs,
}

/// The hash that the challenges of proofs come from.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transcript {
    /// Blake2b, for verifiers in Rust
    Blake2b,
    /// Keccak-256, for contracts, and verifiers in Rust
    Evm,
}

impl From<Transcript> for zkml::TranscriptKind {
    fn from(transcript: Transcript) -> Self {
        match transcript {
            Transcript::Blake2b => Self::Blake2b,
            Transcript::Evm => Self::Evm,
        }
    }
}

/// The key files of a setup.
pub struct KeyPaths {
    /// The proving key.
    pub proving: PathBuf,
    /// The verifying key.
    pub verifying: PathBuf,
    /// The circuit.
    pub circuit: PathBuf,
}

impl From<&SetupArgs> for KeyPaths {
    fn from(args: &SetupArgs) -> Self {
        Self {
            proving: args.pk.clone().unwrap_or_else(|| beside(&args.model, "pk")),
            verifying: args.vk.clone().unwrap_or_else(|| beside(&args.model, "vk")),
            circuit: args
                .circuit
                .clone()
                .unwrap_or_else(|| beside(&args.model, "circuit")),
        }
    }
}

#[derive(Serialize)]
struct Keys<'a> {
    proving_key: &'a Path,
    verifying_key: &'a Path,
    circuit: &'a Path,
    model_digest: &'a Digest,
    key_digest: &'a Digest,
    circuit_digest: &'a Digest,
    transcript: TranscriptKind,
    srs: SrsId,
    srs_standing: SrsStanding,
    ceremony: Option<&'static str>,
}

/// Makes keys.
pub fn run(args: SetupArgs, session: &Session) -> Result<Verdict> {
    let paths = KeyPaths::from(&args);
    let read = [Some(&*args.model), args.srs.as_deref()];
    check_outputs(
        [&*paths.proving, &*paths.verifying, &*paths.circuit],
        read.into_iter().flatten(),
    )?;
    let device = choose_backend(args.backend, session)?;
    let model = load_model(&args.model, session)?;
    let srs = SrsSource::from(args.srs).for_setup(&model, session.progress())?;
    if let Some(required) = args.require.require_srs {
        required.check(srs.id())?;
    }
    warn_of_srs(srs.id(), session);
    let mut options = SetupOptions::default().device(device);
    if let Some(transcript) = args.transcript {
        options = options.transcript(transcript.into());
    }
    let (proving_key, verifying_key) = model.setup_with(&srs, &options, session.progress())?;
    let circuit = model.circuit(verifying_key.transcript())?;
    verifying_key.save(&paths.verifying)?;
    circuit.save(&paths.circuit)?;
    session
        .progress()
        .stage("writing the proving key", || proving_key.save(&paths.proving))?;

    let standing = standing(srs.id());
    let result = Keys {
        proving_key: &paths.proving,
        verifying_key: &paths.verifying,
        circuit: &paths.circuit,
        model_digest: verifying_key.model_digest(),
        key_digest: verifying_key.digest(),
        circuit_digest: circuit.digest(),
        transcript: verifying_key.transcript(),
        srs: srs.id(),
        srs_standing: standing,
        ceremony: standing.ceremony(),
    };
    session.result(&result, || {
        let file = |path: &Path| {
            let size = std::fs::metadata(path).map_or(0, |m| m.len());
            format!("{} ({})", path.display(), bytes(size))
        };
        table(&[
            ("proving key", file(&paths.proving)),
            ("verifying key", file(&paths.verifying)),
            ("circuit", file(&paths.circuit)),
            ("model", verifying_key.model_digest().to_string()),
            ("key", verifying_key.digest().to_string()),
            ("transcript", verifying_key.transcript().to_string()),
            ("SRS", format!("{} ({standing})", srs.id())),
        ])
    })?;
    session.note(&next_step(
        &["prove"],
        &[&args.model, Path::new("--input"), Path::new("FILE")],
    ));
    Ok(Verdict::Good)
}
