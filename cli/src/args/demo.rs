//! `zkml demo`.

use super::BackendArgs;
use clap::Args;
use std::path::PathBuf;

/// Classify a handwritten digit with LeNet-5, prove it, verify it.
///
/// Everything is built in: a LeNet-5 trained on MNIST and 200 digits that it was not trained on.
/// The SRS is made on the spot and forgotten; it is for development only.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Which digit to take
    #[arg(long, value_name = "0-9", value_parser = clap::value_parser!(u8).range(0..=9))]
    pub digit: Option<u8>,
    /// Take a random one
    #[arg(long)]
    pub random: bool,
    /// Also write the compiled model, the verifying key and the proof to this folder
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Where to compute.
    #[command(flatten)]
    pub backend: BackendArgs,
}

const EXAMPLES: &str = "\
Examples:
  zkml demo
  zkml demo --digit 7
  zkml demo --random --save out";
