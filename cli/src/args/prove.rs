//! `zkml prove`.

use super::{BackendArgs, InputArgs, ProvingKeyArgs};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use zkml::{Digest, Element};

/// Run a compiled model on an input and prove it. The proof is verified before it is written.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ProveArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Where to write; `.json` gives the JSON form [default: the model's path with the extension .zkproof]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The key to prove with.
    #[command(flatten)]
    pub key: ProvingKeyArgs,
    /// Which code makes the proof
    #[arg(long, value_enum, default_value = "engine")]
    pub prover: ProverArg,
    /// Where to compute.
    #[command(flatten)]
    pub backend: BackendArgs,
    /// A public value that the proof is bound to: 0x and hex digits, or a decimal number (may be repeated; as
    /// many as the model was compiled for)
    #[arg(long, value_name = "VALUE")]
    pub context: Vec<Element>,
    /// Where to write the salts of hashed tensors, for their owner [default: the proof's path with the
    /// extension .salts]
    #[arg(long, value_name = "FILE")]
    pub salt_out: Option<PathBuf>,
    /// Take salts from such a file instead of fresh ones: the same values give the same commitment
    #[arg(long, value_name = "FILE")]
    pub salt_in: Option<PathBuf>,
    /// The commitment to the model's parameters [default: the model's path with the extension .commitment]
    #[arg(long, value_name = "FILE")]
    pub commitment: Option<PathBuf>,
    /// The secret of that commitment [default: the model's path with the extension .secret]
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Digest of the manifest that lists the commitment [default: the commitment's own]
    #[arg(long, value_name = "DIGEST")]
    pub manifest: Option<Digest>,
}

/// Which code makes the proof.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProverArg {
    /// The engine of this project
    Engine,
    /// The prover of halo2-axiom, as a cross-check: slower, with more memory
    Stock,
}

impl From<ProverArg> for zkml::Prover {
    fn from(arg: ProverArg) -> Self {
        match arg {
            ProverArg::Engine => Self::Engine,
            ProverArg::Stock => Self::Stock,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  zkml prove model.zkml --input sample.json
  zkml prove mnist.zkml --input digits.npz:images[7] --pixel-scale 1/255 -o seven.zkproof
  zkml prove model.zkml --input image.png -o proof.json";
