//! `zkml keys`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Make and show a provider's keys: the one that signs manifests, and the one that requests are
/// sealed to.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  zkml keys new provider.keys\n  zkml keys show provider.keys")]
pub struct KeysArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// The commands of `zkml keys`.
#[derive(Subcommand, Debug)]
pub enum KeysCommand {
    /// Make fresh keys, in a new file that only you may read
    New {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show the public halves
    Show {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Keep the identity and change the sealing key: what was sealed to the old one stays closed to
    /// whoever gets the new file. Publish the models again with it.
    Rotate {
        /// The present keys
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The new file
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
}
