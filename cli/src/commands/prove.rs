//! `zkml prove`.

use super::{load_input, load_model};
use crate::args::ProveArgs;
use crate::config::{ProofPath, SrsSource};
use crate::output::{Session, Verdict, bytes, describe_claim, next_step, time};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;
use zkml::{Claim, ProveOptions, ProvingKey, write_atomically};

#[derive(Serialize)]
struct Proven<'a> {
    proof: &'a Path,
    proof_bytes: usize,
    seconds: f64,
    claim: &'a Claim,
}

/// Proves a run.
pub fn run(args: ProveArgs, session: &Session) -> Result<Verdict> {
    let paths = ProofPath::from(&args);
    let model = load_model(&args.model, session)?;
    let inputs = load_input(&args.input, &model)?;
    // Inputs that the model does not take are refused before the key is read.
    model.run(&inputs)?;
    let key = session
        .progress()
        .stage("reading the proving key", || ProvingKey::load(&paths.key))
        .with_context(|| {
            format!(
                "cannot use {} as a proving key (`zkml setup` makes one)",
                paths.key.display()
            )
        })?;
    let srs = SrsSource::from(args.srs).for_key(&key, session.progress())?;
    let start = Instant::now();
    let options = ProveOptions::default().prover(args.prover.into());
    let proof = key.prove_with(&model, &srs, &inputs, &options, session.progress())?;
    let took = start.elapsed();
    let claim = key.verifying_key().verify(&proof)?;
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
        claim: &claim,
    };
    session.result(&result, || {
        let size = bytes(proof.bytes().len() as u64);
        format!("proven in {} ({size})\n{}", time(took), describe_claim(&claim))
    })?;
    session.note(&format!("wrote {}", paths.proof.display()));
    let verifying_key = paths.key.with_extension("vk");
    session.note(&next_step(&["verify", "--vk"], &[&verifying_key, &paths.proof]));
    Ok(Verdict::Good)
}
