//! The key that proofs are made with.

use clap::Args;
use std::path::PathBuf;

/// A proving key and its SRS.
#[derive(Args, Debug)]
pub struct ProvingKeyArgs {
    /// The proving key [default: the model's path with the extension .pk]
    #[arg(long, value_name = "FILE")]
    pub pk: Option<PathBuf>,
    /// The SRS that the key was made with [default: from the cache]
    #[arg(long, value_name = "FILE")]
    pub srs: Option<PathBuf>,
}
