//! `zkml open`.

use super::{InputArgs, VerifyArgs};
use clap::Args;
use std::path::PathBuf;

/// Verify a proof and show that its commitments are to the tensors of this run.
///
/// For the owner of hashed tensors: needs their salts, the model and the input. Exit code 1 if the proof is
/// invalid or a commitment is to other values.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  zkml open --vk model.vk model.zkproof --salts model.salts --model model.zkml --input sample.json"
)]
pub struct OpenArgs {
    /// The proof and its key.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// The salts that `zkml prove` wrote
    #[arg(long, value_name = "FILE")]
    pub salts: PathBuf,
    /// The compiled model
    #[arg(long, value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
}
