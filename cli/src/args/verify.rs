//! `zkml verify`.

use clap::Args;
use std::path::PathBuf;

/// Verify a proof and say what it proves. Needs neither the model nor the SRS.
///
/// Exit code 0: valid; 1: invalid; 2: no answer (unreadable files, a key of another model).
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml verify --vk model.vk model.zkproof\n  zkml verify --vk model.vk proof.json --json"
)]
pub struct VerifyArgs {
    /// The proof, binary or JSON
    #[arg(value_name = "PROOF")]
    pub proof: PathBuf,
    /// The verifying key, from someone you trust
    #[arg(long, value_name = "FILE")]
    pub vk: PathBuf,
}
