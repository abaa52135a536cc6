//! `zkml identity`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Make and show a requester's identity: the key that requests are signed with, for providers that answer known
/// requesters alone.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  zkml identity new me.identity\n  zkml identity show me.identity")]
pub struct IdentityArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: IdentityCommand,
}

/// The commands of `zkml identity`.
#[derive(Subcommand, Debug)]
pub enum IdentityCommand {
    /// Make a fresh identity, in a new file that only you may read
    New {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show the key that providers list
    Show {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
