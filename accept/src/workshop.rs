//! Compiled models with their keys.

use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zkml::{
    Claim, CompileOptions, CompiledModel, Element, FloatTensor, Model, Progress, Proof, ProveOptions,
    ProvingKey, Role, Srs, VerifyingKey,
};

/// Makes keys, and an SRS of each size once.
#[derive(Default)]
pub struct Workshop {
    srs: BTreeMap<u32, Arc<Srs>>,
}

/// A compiled model and what proves it.
pub struct Setup {
    /// The model.
    pub model: CompiledModel,
    /// Its proving key.
    pub proving_key: ProvingKey,
    /// Its verifying key.
    pub verifying_key: VerifyingKey,
    /// How long the keys took.
    pub key_time: Duration,
    srs: Arc<Srs>,
}

impl Workshop {
    /// Compiles a model and makes its keys.
    pub fn setup(
        &mut self,
        model: &Model,
        calibration: &[Vec<FloatTensor>],
        options: &CompileOptions,
    ) -> Result<Setup> {
        self.keys(model.compile(calibration, options, &Progress::none())?)
    }

    /// Makes the keys of a compiled model.
    pub fn keys(&mut self, model: CompiledModel) -> Result<Setup> {
        let progress = Progress::none();
        let srs = match self.srs.entry(model.k()) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => entry
                .insert(Arc::new(Srs::development(model.k(), &progress)?))
                .clone(),
        };
        let start = Instant::now();
        let (proving_key, verifying_key) = model.setup(&srs, &progress)?;
        Ok(Setup {
            key_time: start.elapsed(),
            model,
            proving_key,
            verifying_key,
            srs,
        })
    }
}

impl Setup {
    /// The SRS of the keys' size.
    pub fn srs(&self) -> &Srs {
        &self.srs
    }

    /// Proves a run.
    pub fn prove(&self, input: &[FloatTensor]) -> Result<Proof> {
        Ok(self
            .proving_key
            .prove(&self.model, &self.srs, input, &Progress::none())?)
    }

    /// Proves a run with a context.
    pub fn prove_with(&self, input: &[FloatTensor], context: Vec<Element>) -> Result<Proof> {
        let options = ProveOptions::default().context(context);
        let proven =
            self.proving_key
                .prove_with(&self.model, &self.srs, input, &options, &Progress::none())?;
        Ok(proven.proof)
    }

    /// Proves a run, verifies the proof, and compares the outputs that it proves with those of
    /// the integer executor.
    pub fn prove_and_check(&self, input: &[FloatTensor]) -> Result<Claim> {
        let claim = self.verifying_key.verify(&self.prove(input)?)?;
        let proven = claim.tensors.iter().filter(|tensor| tensor.role == Role::Output);
        let expected = self.model.run(input)?.outputs;
        ensure!(
            proven.eq(&expected),
            "expected the proof to have the executor's outputs, found others"
        );
        Ok(claim)
    }

    /// How long a proof takes: the median of `runs`.
    pub fn prove_time(&self, input: &[FloatTensor], runs: usize) -> Result<Duration> {
        median(runs, || self.prove(input))
    }
}

/// The median time of `runs` runs, at least one.
pub fn median<T>(runs: usize, mut work: impl FnMut() -> Result<T>) -> Result<Duration> {
    let times = (0..runs.max(1)).map(|_| time(&mut work)).collect::<Result<_>>()?;
    Ok(middle(times))
}

/// Times of two kinds of work that took turns.
pub struct Turns {
    /// The median times of both.
    pub medians: [Duration; 2],
    /// The median of the second time over the first in each turn: a change of the machine's load from turn to turn
    /// does not show in it.
    pub ratio: f64,
}

/// Times two kinds of work in turns, so that a change of the machine's load meets both; which is first changes too.
pub fn turns<T>(
    runs: usize,
    mut first: impl FnMut() -> Result<T>,
    mut second: impl FnMut() -> Result<T>,
) -> Result<Turns> {
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for run in 0..runs.max(1) {
        if run % 2 == 0 {
            firsts.push(time(&mut first)?);
            seconds.push(time(&mut second)?);
        } else {
            seconds.push(time(&mut second)?);
            firsts.push(time(&mut first)?);
        }
    }
    let turns = firsts.iter().zip(&seconds);
    let mut ratios: Vec<f64> = turns
        .map(|(first, second)| second.as_secs_f64() / first.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    Ok(Turns {
        ratio: ratios[ratios.len() / 2],
        medians: [middle(firsts), middle(seconds)],
    })
}

fn time<T>(work: &mut impl FnMut() -> Result<T>) -> Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// The middle of some times, of which there is at least one.
fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
