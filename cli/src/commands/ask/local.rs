//! Asking a model on this machine.

use super::recipient::recipient;
use super::{input, result};
use crate::args::AskArgs;
use crate::config::{PublishedPaths, check_published, load_prover};
use crate::output::{Session, Verdict};
use anyhow::Result;
use std::path::Path;
use zkml_network::{Asked, Engine, prove_locally, unix_now};

/// Proves with the files beside a manifest.
pub fn run(manifest: &Path, args: &AskArgs, session: &Session) -> Result<Verdict> {
    let files = result::Files::new(&args.output, args.salt_out.as_deref());
    let published = PublishedPaths::of(manifest)?;
    let read = published.all().into_iter().chain(args.srs.as_deref());
    files.check([], read.chain(input::files(&args.input)))?;
    let prover = load_prover(&published, args.srs.as_deref(), session.progress())?;
    let fetch = || Ok((prover.circuit().clone(), prover.srs().clone()));
    let key_check = check_published(prover.published(), &args.trust, fetch, session)?;
    let asked = Asked {
        inputs: input::integers(&args.input, prover.manifest())?,
        expiry: unix_now().saturating_add(args.expires.as_secs()),
        evm: recipient(args.recipient, prover.published())?,
        identity: None,
    };
    let (proof, checked) = prove_locally(&prover, asked, session.progress())?;
    result::report(&proof, &checked, prover.published(), key_check, &files, session)
}
