//! `zkml key`.

use super::compile::compiled;
use crate::args::{KeyArgs, KeyCheckArgs, KeyCommand};
use crate::config::{CheckedKeys, CompileConfig, SrsSource, standing, warn_of_srs};
use crate::output::{Session, Verdict, table};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use zkml::{Circuit, Digest, SrsId, SrsStanding, VerifyingKey};

#[derive(Serialize)]
struct Checked<'a> {
    genuine: bool,
    key_digest: &'a Digest,
    circuit_digest: &'a Digest,
    model_digest: &'a Digest,
    srs: SrsId,
    srs_standing: SrsStanding,
    ceremony: Option<&'static str>,
}

/// Checks keys.
pub fn run(args: KeyArgs, session: &Session) -> Result<Verdict> {
    match args.command {
        KeyCommand::Check(args) => check(args, session),
    }
}

fn check(args: KeyCheckArgs, session: &Session) -> Result<Verdict> {
    let key = VerifyingKey::load(&args.vk)
        .with_context(|| format!("cannot use {} as a verifying key", args.vk.display()))?;
    if let Some(required) = args.require.require_srs {
        required.check(key.srs_id())?;
    }
    let circuit = match (&args.circuit, args.onnx) {
        (Some(path), _) => session
            .progress()
            .stage("reading the circuit", || Circuit::load(path))
            .with_context(|| format!("cannot use {} as a circuit", path.display()))?,
        (None, Some(onnx)) => {
            let output = onnx.with_extension("zkml");
            let model = compiled(&CompileConfig::of_choices(onnx, output, args.choices)?, session)?;
            model.circuit(key.transcript())?
        }
        (None, None) => bail!("expected the model's circuit (--circuit) or the model itself (--onnx)"),
    };
    let srs = SrsSource::from(args.srs).for_key(&key, session.progress())?;
    circuit
        .check_key(&key, &srs, session.progress())
        .with_context(|| format!("{} is not to be relied on", args.vk.display()))?;
    CheckedKeys::open(args.checked_keys.as_deref())?.insert(*key.digest(), *circuit.digest());
    warn_of_srs(key.srs_id(), session);
    let standing = standing(key.srs_id());
    let checked = Checked {
        genuine: true,
        key_digest: key.digest(),
        circuit_digest: circuit.digest(),
        model_digest: circuit.model_digest(),
        srs: key.srs_id(),
        srs_standing: standing,
        ceremony: standing.ceremony(),
    };
    session.result(&checked, || {
        format!(
            "The key was made again from the circuit, and is the same.\n{}",
            table(&[
                ("key", key.digest().to_string()),
                ("circuit", circuit.digest().to_string()),
                ("model", circuit.model_digest().to_string()),
                ("SRS", format!("{} ({standing})", key.srs_id())),
            ])
        )
    })?;
    Ok(Verdict::Good)
}
