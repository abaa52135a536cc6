//! `zkml identity`.

use crate::output::{Session, Verdict, table};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml_network::{Identity, IdentityKey};

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

#[derive(Serialize)]
struct Public<'a> {
    file: &'a Path,
    identity: IdentityKey,
}

/// Makes and shows a requester's identity.
pub fn run(args: IdentityArgs, session: &Session) -> Result<Verdict> {
    match args.command {
        IdentityCommand::New { file } => {
            let identity = Identity::generate()?;
            identity.save(&file)?;
            show(&identity, &file, session)?;
            session.note("keep this file: its holder asks in your name. Give the key to the provider");
        }
        IdentityCommand::Show { file } => show(&Identity::load(&file)?, &file, session)?,
    }
    Ok(Verdict::Good)
}

fn show(identity: &Identity, file: &Path, session: &Session) -> Result<()> {
    let public = Public {
        file,
        identity: identity.key(),
    };
    session.result(&public, || table(&[("identity", public.identity.to_string())]))
}
