//! `zkml keys`.

use crate::args::{KeysArgs, KeysCommand};
use crate::output::{Session, Verdict, table};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use zkml_network::{ProviderKey, ProviderKeys, SealingKey};

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
            session.note("keep this file: whoever has it reads what is asked, and signs in your name");
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
