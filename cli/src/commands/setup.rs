//! `zkml setup`.

use super::load_model;
use crate::args::SetupArgs;
use crate::config::{KeyPaths, SrsSource, check_outputs, choose_backend, standing, warn_of_srs};
use crate::output::{Session, Verdict, bytes, next_step, table};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use zkml::{Digest, SrsId, SrsStanding, TranscriptKind};

#[derive(Serialize)]
struct Keys<'a> {
    proving_key: &'a Path,
    verifying_key: &'a Path,
    circuit: &'a Path,
    model_digest: &'a Digest,
    key_digest: &'a Digest,
    circuit_digest: &'a Digest,
    transcript: TranscriptKind,
    srs: SrsId,
    srs_standing: SrsStanding,
    ceremony: Option<&'static str>,
}

/// Makes keys.
pub fn run(args: SetupArgs, session: &Session) -> Result<Verdict> {
    let paths = KeyPaths::from(&args);
    let read = [Some(&*args.model), args.srs.as_deref()];
    check_outputs(
        [&*paths.proving, &*paths.verifying, &*paths.circuit],
        read.into_iter().flatten(),
    )?;
    choose_backend(args.backend, session)?;
    let model = load_model(&args.model, session)?;
    let srs = SrsSource::from(args.srs).for_setup(&model, session.progress())?;
    if let Some(required) = args.require.require_srs {
        required.check(srs.id())?;
    }
    warn_of_srs(srs.id(), session);
    let (proving_key, verifying_key) = match args.transcript {
        Some(transcript) => model.setup_with(&srs, transcript.into(), session.progress())?,
        None => model.setup(&srs, session.progress())?,
    };
    let circuit = model.circuit(verifying_key.transcript())?;
    verifying_key.save(&paths.verifying)?;
    circuit.save(&paths.circuit)?;
    session
        .progress()
        .stage("writing the proving key", || proving_key.save(&paths.proving))?;

    let standing = standing(srs.id());
    let result = Keys {
        proving_key: &paths.proving,
        verifying_key: &paths.verifying,
        circuit: &paths.circuit,
        model_digest: verifying_key.model_digest(),
        key_digest: verifying_key.digest(),
        circuit_digest: circuit.digest(),
        transcript: verifying_key.transcript(),
        srs: srs.id(),
        srs_standing: standing,
        ceremony: standing.ceremony(),
    };
    session.result(&result, || {
        let file = |path: &Path| {
            let size = std::fs::metadata(path).map_or(0, |m| m.len());
            format!("{} ({})", path.display(), bytes(size))
        };
        table(&[
            ("proving key", file(&paths.proving)),
            ("verifying key", file(&paths.verifying)),
            ("circuit", file(&paths.circuit)),
            ("model", verifying_key.model_digest().to_string()),
            ("key", verifying_key.digest().to_string()),
            ("transcript", verifying_key.transcript().to_string()),
            ("SRS", format!("{} ({standing})", srs.id())),
        ])
    })?;
    session.note(&next_step(
        &["prove"],
        &[&args.model, Path::new("--input"), Path::new("FILE")],
    ));
    Ok(Verdict::Good)
}
