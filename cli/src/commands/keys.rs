//! `zkml keys`.

use crate::output::{Session, Verdict, table};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml_network::{ProviderKey, ProviderKeys, SealingKey};

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

#[derive(Serialize)]
struct Public<'a> {
    file: &'a Path,
    provider: ProviderKey,
    sealing_key: SealingKey,
}

/// Makes and shows a provider's keys.
pub fn run(args: KeysArgs, session: &Session) -> Result<Verdict> {
    match args.command {
        KeysCommand::New { file } => {
            let keys = ProviderKeys::generate()?;
            keys.save(&file)?;
            show(&keys, &file, session)?;
            session.note("keep this file: its holder reads what is asked, and signs in your name");
        }
        KeysCommand::Show { file } => show(&ProviderKeys::load(&file)?, &file, session)?,
        KeysCommand::Rotate { file, output } => {
            let keys = ProviderKeys::load(&file)?.rotate()?;
            keys.save(&output)?;
            show(&keys, &output, session)?;
            session.note(
                "publish the models again with these keys; answer what was asked before with the old ones",
            );
        }
    }
    Ok(Verdict::Good)
}

fn show(keys: &ProviderKeys, file: &Path, session: &Session) -> Result<()> {
    let public = Public {
        file,
        provider: keys.provider(),
        sealing_key: keys.sealing_key(),
    };
    session.result(&public, || {
        table(&[
            ("provider", public.provider.to_string()),
            ("sealing key", public.sealing_key.to_string()),
        ])
    })
}
