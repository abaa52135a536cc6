//! What hidden tensors cost: hashed inputs and committed weights beside private ones.

use super::site::Subject;
use crate::report::{Figure, Item, Report};
use crate::workshop::{Workshop, median, turns};
use anyhow::{Context, Result};
use std::time::Duration;
use zkml::commitments::PinnedModel;
use zkml::{CompileOptions, FloatTensor, ParamVisibility, Proof, Prover, Visibility};

/// Turns of proofs that differ by a few hundredths of a time that moves by as much from one to the next.
const RUNS: usize = 41;
const VERIFICATIONS: usize = 51;
const COMMITTED: f64 = 0.05;
const HASHED: f64 = 0.25;
const LINK_BYTES: usize = 128;
const COLUMNS: f64 = 16.0;
const LINK_TIME: Duration = Duration::from_millis(3);

/// Measures LeNet-5.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let items = vec![
        Item::new("committed weights: proving time", "at most 5 % over private ones"),
        Item::new(
            "committed weights: proof",
            format!("at most {LINK_BYTES} bytes over private ones"),
        ),
        Item::new(
            "committed weights: verification",
            "at most 3 ms more, at 16 weight columns",
        ),
        Item::new(
            "784 hashed inputs: proving time",
            "at most 25 % over private ones",
        ),
    ];
    report.measure_all(items, || measure(workshop));
}

/// A model set up, and its commitment if it has one.
struct Case {
    prover: Prover,
    input: Vec<FloatTensor>,
}

impl Case {
    fn new(workshop: &mut Workshop, subject: &Subject, options: &CompileOptions) -> Result<Self> {
        let setup = workshop.setup(&subject.model, subject.calibration(), options)?;
        let prover = match setup.verifying_key.commits_params() {
            false => setup.builder().build()?,
            true => setup.committed(PinnedModel::new)?,
        };
        Ok(Self {
            prover,
            input: subject.inputs[0].clone(),
        })
    }

    fn prove(&self) -> Result<Proof> {
        Ok(self.prover.prove(&self.input)?)
    }

    fn verify(&self, proof: &Proof) -> Result<()> {
        self.prover.verifier().verify(proof)?;
        Ok(())
    }
}

fn measure(workshop: &mut Workshop) -> Result<Vec<Figure>> {
    let subject = Subject::digits()?;
    let base = CompileOptions::default;
    let private = Case::new(workshop, &subject, &base())?;
    let committed = Case::new(workshop, &subject, &base().params(ParamVisibility::Committed))?;
    let hashed = Case::new(workshop, &subject, &base().inputs(Visibility::Hashed))?;

    let times = turns(RUNS, || private.prove(), || committed.prove())?;
    let ([plain, linked], committed_part) = (times.medians, times.ratio - 1.0);
    let (short, long) = (private.prove()?, committed.prove()?);
    let bytes = long.bytes().len().saturating_sub(short.bytes().len());

    let link = |case: &Case, proof: &Proof| -> Result<f64> {
        let times = turns(VERIFICATIONS, || private.verify(&short), || case.verify(proof))?;
        let [alone, with] = times.medians;
        Ok(with.as_secs_f64() - alone.as_secs_f64())
    };
    let time = link(&committed, &long)?;
    let pinned = committed.prover.verifier().commitment();
    let columns = pinned.context("nothing is committed")?.commitment().columns();
    // The pairing is the same for any number of columns; each costs a point of a multiplication.
    let at_sixteen = time * (COLUMNS / columns as f64).max(1.0);
    let verify = median(VERIFICATIONS, || committed.verify(&long))?;

    let times = turns(RUNS, || private.prove(), || hashed.prove())?;
    let ([plain_again, sponge], hashed_part) = (times.medians, times.ratio - 1.0);
    Ok(vec![
        Figure::new(
            committed_part <= COMMITTED,
            format!(
                "{:+.1} % ({:.2} s, private {:.2} s, medians of {RUNS})",
                100.0 * committed_part,
                linked.as_secs_f64(),
                plain.as_secs_f64()
            ),
        ),
        Figure::new(
            bytes <= LINK_BYTES,
            format!(
                "{bytes} bytes ({} and {})",
                long.bytes().len(),
                short.bytes().len()
            ),
        ),
        Figure::new(
            at_sixteen <= LINK_TIME.as_secs_f64(),
            format!(
                "{:.2} ms at {columns} columns, at most {:.2} ms at 16 ({:.1} ms in all)",
                1e3 * time,
                1e3 * at_sixteen,
                1e3 * verify.as_secs_f64()
            ),
        ),
        Figure::new(
            hashed_part <= HASHED,
            format!(
                "{:+.1} % ({:.2} s, private {:.2} s, medians of {RUNS})",
                100.0 * hashed_part,
                sponge.as_secs_f64(),
                plain_again.as_secs_f64()
            ),
        ),
    ])
}
