//! What hidden tensors cost: hashed inputs and committed weights beside private ones.

use super::site::Subject;
use crate::report::{Figure, Item, Report};
use crate::workshop::{Setup, Workshop, median, turns};
use anyhow::{Context, Result};
use std::time::Duration;
use zkml::{
    CompileOptions, FloatTensor, ModelCommitment, ModelSecret, ParamVisibility, PinnedModel, Progress, Proof,
    ProveOptions, Visibility,
};

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
    setup: Setup,
    committed: Option<(ModelCommitment, ModelSecret)>,
    input: Vec<FloatTensor>,
}

impl Case {
    fn new(workshop: &mut Workshop, subject: &Subject, options: &CompileOptions) -> Result<Self> {
        let setup = workshop.setup(&subject.model, subject.calibration(), options)?;
        let committed = match setup.verifying_key.commits_params() {
            false => None,
            true => {
                let secret = ModelSecret::random();
                let key = &setup.proving_key;
                let commitment = key.commit_model(&setup.model, setup.srs(), &secret, &Progress::none())?;
                Some((commitment, secret))
            }
        };
        Ok(Self {
            setup,
            committed,
            input: subject.inputs[0].clone(),
        })
    }

    fn prove(&self) -> Result<Proof> {
        let mut options = ProveOptions::default();
        if let Some((commitment, secret)) = &self.committed {
            options = options.model(PinnedModel::new(commitment), secret);
        }
        let setup = &self.setup;
        let key = &setup.proving_key;
        Ok(key
            .prove_with(
                &setup.model,
                setup.srs(),
                &self.input,
                &options,
                &Progress::none(),
            )?
            .proof)
    }

    fn verify(&self, proof: &Proof) -> Result<()> {
        let key = &self.setup.verifying_key;
        match &self.committed {
            Some((commitment, _)) => key.verify_linked(proof, &PinnedModel::new(commitment))?,
            None => key.verify(proof)?,
        };
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
    let columns = committed
        .committed
        .as_ref()
        .context("nothing is committed")?
        .0
        .columns();
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
