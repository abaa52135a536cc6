//! `zkml key`.

use super::{CompileChoices, SrsRequirement};
use clap::{Args, Subcommand};
use std::path::PathBuf;

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
