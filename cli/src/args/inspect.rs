//! `zkml inspect`.

use clap::Args;
use std::path::PathBuf;

/// Say what a file holds.
///
/// ONNX models: operators (those that are not supported, too), inputs and outputs. Compiled
/// models: the quantisation report and the size of the circuit. Manifests: what the provider
/// signed. Keys, proofs and SRS: version, digests, sizes.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml inspect model.onnx\n  zkml inspect model.zkml\n  zkml inspect model.zkproof --json"
)]
pub struct InspectArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
