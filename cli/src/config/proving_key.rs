//! The key that proofs are made with.

use crate::output::Session;
use anyhow::{Context, Result};
use clap::Args;
use std::path::Path;
use std::path::PathBuf;
use zkml::ProvingKey;

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

/// Reads a proving key.
pub fn load_proving_key(path: &Path, session: &Session) -> Result<ProvingKey> {
    session
        .progress()
        .stage("reading the proving key", || ProvingKey::load(path))
        .with_context(|| {
            format!(
                "cannot use {} as a proving key (`zkml setup` makes one)",
                path.display()
            )
        })
}
