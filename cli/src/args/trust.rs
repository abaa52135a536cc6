//! What a verifier demands of a key.

use clap::Args;
use std::path::PathBuf;
use zkml::RequiredSrs;

/// Which SRS a key must come from.
#[derive(Args, Debug, Clone, Copy)]
pub struct SrsRequirement {
    /// The SRS that the key must come from: `ceremony` (any that is known), a ceremony's name (hermez), or an identity
    #[arg(long, value_name = "ID|ceremony")]
    pub require_srs: Option<RequiredSrs>,
}

/// How the key of a published model is checked.
#[derive(Args, Debug)]
pub struct KeyTrustArgs {
    /// Which SRS the key must come from.
    #[command(flatten)]
    pub srs: SrsRequirement,
    /// Do not make the key again from the model's circuit: rely on whoever made it
    #[arg(long)]
    pub no_key_check: bool,
    /// The file of keys that were checked before [default: in your folder for data; ZKML_CHECKED_KEYS]
    #[arg(long, value_name = "FILE")]
    pub checked_keys: Option<PathBuf>,
}
