//! `zkml ask` and `zkml resume`.

mod input;
mod local;
mod model;
mod recipient;
mod remote;
mod result;

use crate::args::AskArgs;
use crate::output::{Session, Verdict};
use anyhow::{Result, bail};
pub use remote::resume;

/// Asks a model.
pub fn run(args: AskArgs, session: &Session) -> Result<Verdict> {
    if let Some(manifest) = &args.local {
        return local::run(manifest, &args, session);
    }
    match &args.url {
        Some(url) => remote::ask(url, &args, session),
        None => bail!("expected the URL of a provider, or --local"),
    }
}
