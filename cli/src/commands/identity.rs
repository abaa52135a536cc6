//! `zkml identity`.

use crate::args::{IdentityArgs, IdentityCommand};
use crate::output::{Session, Verdict, table};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use zkml_network::{Identity, IdentityKey};

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
            session.note("keep this file: whoever has it asks in your name. Give the key to the provider");
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
