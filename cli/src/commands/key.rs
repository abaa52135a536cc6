//! `zkml key`.

use super::compile::{CompileChoices, CompileConfig, compiled};
use crate::config::{CheckedKeys, SrsRequirement, SrsSource, standing, warn_of_srs};
use crate::output::{Session, Verdict, table};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;
use zkml::ceremony::{SrsId, SrsStanding};
use zkml::{Circuit, Digest, VerifyingKey};

/// Check keys that others made.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml key check --circuit lenet5.circuit --vk lenet5.vk")]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// The commands of `zkml key`.
#[derive(Subcommand, Debug)]
pub enum KeyCommand {
    Check(KeyCheckArgs),
}

/// Make a verifying key again, and compare: does it have all constraints of the model, and no others?
///
/// A key is what its maker says it is. One that leaves out constraints accepts false outputs, and nothing else shows it.
/// No weights are needed: the circuit file, which `zkml setup` writes beside the keys, has none that are hidden.
/// With --onnx the check starts at the ONNX file; give the options that the model was compiled with.
/// Exit code 0: it is the model's key; 2: it is not, or there is no answer.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct KeyCheckArgs {
    /// The verifying key
    #[arg(long, value_name = "FILE")]
    pub vk: PathBuf,
    /// The model's circuit
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "onnx",
        conflicts_with = "onnx"
    )]
    pub circuit: Option<PathBuf>,
    /// The model itself, with the options of `zkml compile`
    #[arg(long, value_name = "MODEL.onnx")]
    pub onnx: Option<PathBuf>,
    /// The SRS of the key, from anyone: its powers are checked [default: from the cache]
    #[arg(long, value_name = "FILE")]
    pub srs: Option<PathBuf>,
    /// Which SRS the key must come from.
    #[command(flatten)]
    pub require: SrsRequirement,
    /// The file of keys that were checked before [default: in your folder for data; ZKML_CHECKED_KEYS]
    #[arg(long, value_name = "FILE")]
    pub checked_keys: Option<PathBuf>,
    /// How the model of --onnx was compiled.
    #[command(flatten, next_help_heading = "Options of `zkml compile`, for --onnx")]
    pub choices: CompileChoices,
}

const EXAMPLES: &str = "\
Examples:
  zkml key check --circuit lenet5.circuit --vk lenet5.vk
  zkml key check --circuit lenet5.circuit --vk lenet5.vk --srs provider.srs --require-srs ceremony
  zkml key check --onnx lenet5.onnx --vk lenet5.vk --calibrate digits.npz:images --pixel-scale 1/255";

#[derive(Serialize)]
struct Checked<'a> {
    genuine: bool,
    key_digest: &'a Digest,
    circuit_digest: &'a Digest,
    model_digest: &'a Digest,
    srs: SrsId,
    srs_standing: SrsStanding,
    ceremony: Option<&'static str>,
}

/// Checks keys.
pub fn run(args: KeyArgs, session: &Session) -> Result<Verdict> {
    match args.command {
        KeyCommand::Check(args) => check(args, session),
    }
}

fn check(args: KeyCheckArgs, session: &Session) -> Result<Verdict> {
    let key = VerifyingKey::load(&args.vk)
        .with_context(|| format!("cannot use {} as a verifying key", args.vk.display()))?;
    if let Some(required) = args.require.require_srs {
        required.check(key.srs_id())?;
    }
    let circuit = match (&args.circuit, args.onnx) {
        (Some(path), _) => session
            .progress()
            .stage("reading the circuit", || Circuit::load(path))
            .with_context(|| format!("cannot use {} as a circuit", path.display()))?,
        (None, Some(onnx)) => {
            let output = onnx.with_extension("zkml");
            let model = compiled(&CompileConfig::resolve(onnx, output, args.choices)?, session)?;
            model.circuit(key.transcript())?
        }
        (None, None) => bail!("expected the model's circuit (--circuit) or the model itself (--onnx)"),
    };
    let srs = SrsSource::from(args.srs).for_key(&key, session.progress())?;
    circuit
        .check_key(&key, &srs, session.progress())
        .with_context(|| format!("{} is not to be relied on", args.vk.display()))?;
    CheckedKeys::open(args.checked_keys.as_deref())?.insert(*key.digest(), *circuit.digest());
    warn_of_srs(key.srs_id(), session);
    let standing = standing(key.srs_id());
    let checked = Checked {
        genuine: true,
        key_digest: key.digest(),
        circuit_digest: circuit.digest(),
        model_digest: circuit.model_digest(),
        srs: key.srs_id(),
        srs_standing: standing,
        ceremony: standing.ceremony(),
    };
    session.result(&checked, || {
        format!(
            "The key was made again from the circuit, and is the same.\n{}",
            table(&[
                ("key", key.digest().to_string()),
                ("circuit", circuit.digest().to_string()),
                ("model", circuit.model_digest().to_string()),
                ("SRS", format!("{} ({standing})", key.srs_id())),
            ])
        )
    })?;
    Ok(Verdict::Good)
}
