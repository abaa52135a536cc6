//! `zkml setup`.

use super::load_model;
use crate::args::SetupArgs;
use crate::config::{KeyPaths, SrsSource, check_outputs, choose_backend};
use crate::output::{Session, Verdict, bytes, next_step, table};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use zkml::{Digest, TranscriptKind};

#[derive(Serialize)]
struct Keys<'a> {
    proving_key: &'a Path,
    verifying_key: &'a Path,
    model_digest: &'a Digest,
    key_digest: &'a Digest,
    transcript: TranscriptKind,
    srs: String,
    development_srs: bool,
}

/// Makes keys.
pub fn run(args: SetupArgs, session: &Session) -> Result<Verdict> {
    let paths = KeyPaths::from(&args);
    let read = [Some(&*args.model), args.srs.as_deref()];
    check_outputs([&*paths.proving, &*paths.verifying], read.into_iter().flatten())?;
    choose_backend(args.backend, session)?;
    let model = load_model(&args.model, session)?;
    let srs = SrsSource::from(args.srs).for_setup(&model, session.progress())?;
    if srs.is_development() {
        session.warn("this SRS is for development: whoever made it can prove false claims with these keys");
    }
    let (proving_key, verifying_key) = match args.transcript {
        Some(transcript) => model.setup_with(&srs, transcript.into(), session.progress())?,
        None => model.setup(&srs, session.progress())?,
    };
    verifying_key.save(&paths.verifying)?;
    session
        .progress()
        .stage("writing the proving key", || proving_key.save(&paths.proving))?;

    let result = Keys {
        proving_key: &paths.proving,
        verifying_key: &paths.verifying,
        model_digest: verifying_key.model_digest(),
        key_digest: verifying_key.digest(),
        transcript: verifying_key.transcript(),
        srs: srs.id().to_string(),
        development_srs: srs.is_development(),
    };
    session.result(&result, || {
        let file = |path: &Path| {
            let size = std::fs::metadata(path).map_or(0, |m| m.len());
            format!("{} ({})", path.display(), bytes(size))
        };
        table(&[
            ("proving key", file(&paths.proving)),
            ("verifying key", file(&paths.verifying)),
            ("model", verifying_key.model_digest().to_string()),
            ("key", verifying_key.digest().to_string()),
            ("transcript", verifying_key.transcript().to_string()),
            ("SRS", format!("{} ({})", srs.id(), srs.origin())),
        ])
    })?;
    session.note(&next_step(
        &["prove"],
        &[&args.model, Path::new("--input"), Path::new("FILE")],
    ));
    Ok(Verdict::Good)
}
