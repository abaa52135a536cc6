//! Random circuits through all verifiers: one verdict for honest proofs, and one for changed ones.

use super::python;
use super::subject::{Srses, judge, random, subject};
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use zkml::{FloatTensor, TranscriptKind};
use zkml_testing::mutant::KINDS;

/// Circuits, and changes of each one's proof.
const CIRCUITS: usize = 300;
const CHANGES: usize = 7;
/// Of so many circuits one is proven with the transcript that no contract follows, too.
const BLAKE2B: usize = 4;

/// What was judged.
#[derive(Default)]
struct Judged {
    circuits: usize,
    honest: usize,
    changed: usize,
    kinds: BTreeSet<&'static str>,
    contracts: usize,
}

/// Measures all of it.
pub fn run(python: &Path, report: &mut Report) {
    let items = vec![
        Item::new(
            "random circuits: honest proofs",
            format!("of {CIRCUITS} circuits, accepted by halo2, batch, contract"),
        ),
        Item::new(
            "random circuits: changed proofs",
            format!("at least 2000, {CHANGES} of each circuit, rejected by all"),
        ),
        Item::new(
            "random circuits: verifier in Python",
            "the same verdict on every one of them",
        ),
    ];
    report.measure_all(items, || measure(python));
}

fn measure(python: &Path) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let mut judged = Judged::default();
    let mut srses = Srses::default();
    for seed in 0.. {
        if judged.circuits == CIRCUITS {
            break;
        }
        one(seed, &mut judged, &mut srses, folder.path()).with_context(|| format!("seed {seed}"))?;
    }
    let agreed = python::judge(python, "judge", folder.path())?;
    let Judged {
        circuits,
        honest,
        changed,
        kinds,
        contracts,
    } = judged;
    Ok(vec![
        Figure::new(
            circuits == CIRCUITS,
            format!("{honest} proofs of {circuits} circuits, {contracts} of them also on a contract"),
        ),
        Figure::new(
            changed >= 2000,
            format!("{changed}, with {} of {KINDS} kinds of changes", kinds.len()),
        ),
        Figure::new(
            true,
            format!("{}; {:.0} s", agreed.summary, agreed.time.as_secs_f64()),
        ),
    ])
}

fn one(seed: u64, judged: &mut Judged, srses: &mut Srses, folder: &Path) -> Result<()> {
    let Some((model, input)) = random(seed)? else {
        return Ok(());
    };
    // Zeros, where the model takes them: with other public values.
    let zeros: Vec<FloatTensor> = input.iter().map(|x| FloatTensor::zeros(x.raw_dim())).collect();
    let other = match model.run(&zeros) {
        Ok(_) => zeros,
        Err(_) => input.clone(),
    };
    let mut transcripts = vec![TranscriptKind::Evm];
    if judged.circuits.is_multiple_of(BLAKE2B) {
        transcripts.push(TranscriptKind::Blake2b);
    }
    for transcript in transcripts {
        let valid = subject(model.clone(), transcript, [&input, &other], srses)?;
        let folder = folder.join(format!("{seed:04}-{transcript}"));
        let verdicts = judge(&valid, judged.changed, CHANGES, &folder)?;
        for verdict in &verdicts {
            let rejected = verdict.verdict.rejected.is_some();
            ensure!(
                rejected == verdict.change.is_some(),
                "{:?}: expected the proof to be {}",
                verdict.change,
                if rejected { "accepted" } else { "rejected" }
            );
            match verdict.change {
                None => judged.honest += 1,
                Some(kind) => {
                    judged.changed += 1;
                    judged.kinds.insert(kind);
                }
            }
        }
        judged.contracts += usize::from(transcript == TranscriptKind::Evm);
    }
    judged.circuits += 1;
    Ok(())
}
