//! `zkml prove`.

use super::{load_input, load_model, load_proving_key};
use crate::args::{ProveArgs, ProverArg};
use crate::config::{
    CommitmentPaths, ProofPath, SrsSource, check_outputs, choose_backend, load_salts, pinned, standing,
};
use crate::output::{Session, Verdict, bytes, describe_claim, next_step, time};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;
use zkml::{Claim, Device, ProveOptions, write_atomically, write_secret};

#[derive(Serialize)]
struct Proven<'a> {
    proof: &'a Path,
    proof_bytes: usize,
    seconds: f64,
    device: String,
    claim: &'a Claim,
}

/// Proves a run.
pub fn run(args: ProveArgs, session: &Session) -> Result<Verdict> {
    let paths = ProofPath::from(&args);
    let weights = CommitmentPaths::from(&args);
    let read = [&args.model, &paths.key, &weights.commitment, &weights.secret];
    let read = read.into_iter().chain(&args.salt_in).chain(&args.key.srs);
    let read = read.chain(args.input.input.iter().map(|source| &source.path));
    check_outputs([&*paths.proof, &*paths.salts], read.map(|path| &**path))?;
    let device = choose_backend(args.backend, session)?;
    ensure!(
        args.prover == ProverArg::Engine || !matches!(device, Device::Cuda(_)),
        "expected the backend auto or cpu with --prover stock, found {device}: that prover runs on the CPU alone"
    );
    let model = load_model(&args.model, session)?;
    let inputs = load_input(&args.input, &model)?;
    // Inputs that the model does not take are refused before the key is read.
    model.run(&inputs)?;
    let key = load_proving_key(&paths.key, session)?;
    let mut options = ProveOptions::default()
        .prover(args.prover.into())
        .context(args.context.clone());
    if let Some(path) = &args.salt_in {
        for opening in load_salts(path)? {
            options = options.salt(opening.tensor.role, opening.tensor.name, opening.salt);
        }
    }
    let committed = match key.verifying_key().commits_params() {
        true => Some(weights.load()?),
        false => None,
    };
    let pinned = committed
        .as_ref()
        .map(|(c, secret)| (pinned(c, args.manifest), secret));
    if let Some((model, secret)) = pinned {
        options = options.model(model, secret);
    }
    let srs = SrsSource::from(args.key.srs).for_key(key.verifying_key(), session.progress())?;
    let start = Instant::now();
    let proven = key.prove_with(&model, &srs, &inputs, &options, session.progress())?;
    let took = start.elapsed();
    let proof = proven.proof;
    let claim = match &pinned {
        Some((model, _)) => key.verifying_key().verify_linked(&proof, model)?,
        None => key.verifying_key().verify(&proof)?,
    };
    if !proven.openings.is_empty() {
        let text =
            serde_json::to_string_pretty(&proven.openings).context("cannot write the salts as JSON")?;
        write_secret(&paths.salts, |w| w.write_all(text.as_bytes()))?;
        session.note(&format!(
            "wrote {}: the salts, for the owner of the hashed tensors alone",
            paths.salts.display()
        ));
    }
    match paths.json {
        true => {
            let text = proof.to_json()?;
            write_atomically(&paths.proof, |w| w.write_all(text.as_bytes()))?;
        }
        false => proof.save(&paths.proof)?,
    }

    let result = Proven {
        proof: &paths.proof,
        proof_bytes: proof.bytes().len(),
        seconds: took.as_secs_f64(),
        device: match args.prover {
            ProverArg::Engine => zkml::selected_device(key.k())?,
            ProverArg::Stock => "cpu (halo2-axiom)".to_owned(),
        },
        claim: &claim,
    };
    session.result(&result, || {
        let size = bytes(proof.bytes().len() as u64);
        format!(
            "proven in {} ({size})\n{}",
            time(took),
            describe_claim(&claim, standing(claim.srs))
        )
    })?;
    session.note(&format!("wrote {}", paths.proof.display()));
    let verifying_key = paths.key.with_extension("vk");
    session.note(&next_step(&["verify", "--vk"], &[&verifying_key, &paths.proof]));
    Ok(Verdict::Good)
}
