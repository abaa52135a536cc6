//! Asking a model on this machine.

use super::{input, result};
use crate::args::AskArgs;
use crate::config::{load_prover, published_files};
use crate::output::{Session, Verdict};
use anyhow::Result;
use std::path::Path;
use zkml_network::{Asked, Engine, prove_locally, unix_now};

/// Proves with the files beside a manifest.
pub fn run(manifest: &Path, args: &AskArgs, session: &Session) -> Result<Verdict> {
    let files = result::Files::new(&args.output, args.salt_out.as_deref());
    let beside = published_files(manifest);
    let read = beside.iter().chain(&args.srs).map(|path| &**path);
    files.check([], read.chain(input::files(&args.input)))?;
    let prover = load_prover(manifest, args.srs.as_deref(), session.progress())?;
    let asked = Asked {
        inputs: input::integers(&args.input, prover.manifest())?,
        expiry: unix_now().saturating_add(args.expires.as_secs()),
        evm_address: args.evm_address,
    };
    let (proof, checked) = prove_locally(&prover, asked, session.progress())?;
    result::report(&proof, &checked, prover.manifest(), &files, session)
}
