//! The model commitment that a proof must be linked to.

use clap::Args;
use std::path::PathBuf;
use zkml::Digest;

/// A model commitment, and what it is pinned under.
#[derive(Args, Debug)]
pub struct PinnedArgs {
    /// The commitment to the model's parameters, or the manifest (.json) that lists it, from the model's owner; needed where
    /// they are committed
    #[arg(long, value_name = "FILE")]
    pub commitment: Option<PathBuf>,
    /// Digest of the manifest that lists the commitment; whether it does is checked only where --commitment names the
    /// manifest [default: that of the manifest, or the commitment's own]
    #[arg(long, value_name = "DIGEST", requires = "commitment")]
    pub manifest: Option<Digest>,
}
