//! Contract and Rust verifier agree on every changed proof: all are rejected.

use super::tools::{Compiler, Tools};
use super::{Subject, usable};
use crate::report::{Figure, Item, Report};
use anyhow::{Result, ensure};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use zkml::Proof;
use zkml_evm::Chain;
use zkml_testing::mutation::{KINDS, Mutation, mutations};

/// Changed calls of each contract.
const MUTATIONS: usize = 2_000;

/// Tries all models in both forms.
pub fn run(subjects: &[Subject], tools: &Result<Tools>, report: &mut Report) {
    for subject in subjects {
        for own in [true, false] {
            let form = if own { "own contract" } else { "reusable verifier" };
            let item = Item::new(
                format!("{}: agreement, {form}", subject.name),
                format!("all of {MUTATIONS} changed calls rejected by both"),
            );
            report.measure(item, || measure(subject, own, tools));
        }
    }
}

fn measure(subject: &Subject, own: bool, tools: &Result<Tools>) -> Result<Figure> {
    let mut chain = Chain::new();
    let mut key = None;
    let to = if own {
        let source = subject.source()?;
        let compiled = usable(tools)?.compile(Compiler::Newest, subject.contract, &source)?;
        chain.deploy(&compiled.init, &[])?.0
    } else {
        key = Some(chain.deploy_key(&subject.verifier)?);
        chain.deploy(&subject.verifier.reusable().init_code(), &[])?.0
    };
    let proof = &subject.proof;
    let layout = subject.verifier.proof_layout();
    let rng = ChaCha20Rng::seed_from_u64(7);
    let all = mutations(key.as_ref(), proof.bytes(), proof.public_values(), &layout, rng);
    let (mut tried, mut accepted) = (0, BTreeMap::<&str, usize>::new());
    let (mut reverted, mut most) = (0, 0);
    for mutation in all.take(MUTATIONS) {
        let outcome = chain.call(to, mutation.calldata.clone())?;
        most = most.max(outcome.gas);
        reverted += usize::from(!outcome.success);
        let rust = accepted_in_rust(subject, &mutation)?;
        // Where only the encoding of the call was changed, there is nothing that Rust could reject.
        let same = mutation.proof == proof.bytes() && rust;
        if outcome.is_true() || (rust && !same) {
            *accepted.entry(mutation.kind).or_default() += 1;
        }
        tried += 1;
    }
    Ok(Figure::new(
        tried == MUTATIONS && accepted.is_empty(),
        format!(
            "{tried} of {KINDS} kinds, {reverted} reverted, the others answered false; most gas {most}; \
             accepted: {accepted:?}"
        ),
    ))
}

/// What the verifier in Rust says of the proof and the public inputs of a changed call.
fn accepted_in_rust(subject: &Subject, mutation: &Mutation) -> Result<bool> {
    let mut json: serde_json::Value = serde_json::from_str(&subject.proof.to_json()?)?;
    let hex = |word: &[u8; 32]| format!("0x{}", hex::encode(word));
    json["public_values"] = mutation.public.iter().map(hex).collect();
    json["proof"] = hex::encode(&mutation.proof).into();
    let verdict = Proof::from_json(&json.to_string()).and_then(|p| subject.verify(&p));
    match verdict {
        Ok(()) => Ok(true),
        Err(error) => {
            ensure!(
                error.is_invalid_proof(),
                "{}: expected a verdict, found {error}",
                mutation.kind
            );
            Ok(false)
        }
    }
}
