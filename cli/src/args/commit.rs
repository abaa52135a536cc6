//! `zkml commit`.

use super::ProvingKeyArgs;
use clap::Args;
use std::path::PathBuf;

/// Commit to the parameters of a model, so that proofs are about these and no others.
///
/// For models compiled with --params committed. Publish the commitment; keep the secret, which every proof
/// needs: whoever has it can try out parameters.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml commit model.zkml")]
pub struct CommitArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The key to prove with.
    #[command(flatten)]
    pub key: ProvingKeyArgs,
    /// The secret; made if there is no such file [default: the model's path with the extension .secret]
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Where to write the commitment [default: the model's path with the extension .commitment]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
