//! `zkml mock`.

use super::InputArgs;
use clap::Args;
use std::path::PathBuf;

/// Check every constraint on an input without proving anything: no SRS and no keys needed.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml mock model.zkml --input sample.json")]
pub struct MockArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
}
