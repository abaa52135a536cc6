//! `zkml publish`.

use super::ProvingKeyArgs;
use clap::Args;
use std::path::PathBuf;

/// Make and sign a model's manifest: what users pin, and what every proof is bound to.
///
/// The model must be compiled for it: with inputs that are hashed or public, and with room for what
/// a proof is bound to (`zkml compile --context request`). A manifest of committed parameters commits to them.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml publish lenet5.zkml --keys provider.keys\n  zkml publish lenet5.zkml --keys provider.keys --name lenet5 -o lenet5.manifest.json"
)]
pub struct PublishArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The provider's keys (`zkml keys new`)
    #[arg(long, value_name = "FILE")]
    pub keys: PathBuf,
    /// Name, for people [default: the file's name]
    #[arg(long)]
    pub name: Option<String>,
    /// The key to prove with.
    #[command(flatten)]
    pub key: ProvingKeyArgs,
    /// The secret that hides committed parameters; made if it is not there [default: the model's
    /// path with the extension .secret]
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Publish hidden weights in a model that refuses some inputs: each refusal tells about the weights. A model
    /// that is compiled with --saturate need not refuse
    #[arg(long)]
    pub allow_refusals: bool,
    /// Where to write [default: the model's path with the extension .manifest.json]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
