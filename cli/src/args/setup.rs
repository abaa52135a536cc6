//! `zkml setup`.

use super::{BackendArgs, SrsRequirement};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

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
