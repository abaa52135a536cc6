//! Compiled models with their keys.

use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use zkml::commitments::{ModelCommitment, ModelSecret, PinnedModel};
use zkml::{
    Claim, CompileOptions, CompiledModel, Element, FloatTensor, Model, Progress, Proof, ProveOptions, Prover,
    ProverBuilder, ProvingKey, Role, Srs, VerifyingKey,
};

/// Makes keys, and an SRS of each size once.
#[derive(Default)]
pub struct Workshop {
    srs: BTreeMap<u32, Arc<Srs>>,
}

/// A compiled model and what proves it.
pub struct Setup {
    /// The model.
    pub model: Arc<CompiledModel>,
    /// Its proving key.
    pub proving_key: Arc<ProvingKey>,
    /// Its verifying key.
    pub verifying_key: Arc<VerifyingKey>,
    /// How long the keys took.
    pub key_time: Duration,
    srs: Arc<Srs>,
    /// The model's prover, if it needs no commitment.
    prover: OnceLock<Prover>,
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
        let (proving_key, _) = model.setup(&srs, &progress)?;
        Ok(Setup {
            key_time: start.elapsed(),
            model: model.into(),
            verifying_key: proving_key.verifying_key().clone(),
            proving_key: proving_key.into(),
            srs,
            prover: OnceLock::new(),
        })
    }
}

impl Setup {
    /// The SRS of the keys' size.
    pub fn srs(&self) -> &Arc<Srs> {
        &self.srs
    }

    /// Starts a prover of the model.
    pub fn builder(&self) -> ProverBuilder {
        Prover::builder(self.model.clone(), self.proving_key.clone(), self.srs.clone())
    }

    /// A prover whose proofs are linked to a commitment to the model's parameters.
    pub fn committed(&self, pin: impl FnOnce(ModelCommitment) -> PinnedModel) -> Result<Prover> {
        let secret = ModelSecret::random();
        let commitment = self
            .proving_key
            .commit_model(&self.model, &self.srs, &secret, &Progress::none())?;
        Ok(self.builder().commitment(pin(commitment), secret).build()?)
    }

    /// The model's prover, which is made once.
    pub fn prover(&self) -> Result<&Prover> {
        if let Some(made) = self.prover.get() {
            return Ok(made);
        }
        let made = self.builder().build()?;
        Ok(self.prover.get_or_init(|| made))
    }

    /// Proves a run.
    pub fn prove(&self, input: &[FloatTensor]) -> Result<Proof> {
        Ok(self.prover()?.prove(input)?)
    }

    /// Proves a run with a context.
    pub fn prove_with(&self, input: &[FloatTensor], context: Vec<Element>) -> Result<Proof> {
        let options = ProveOptions::default().context(context);
        Ok(self.prover()?.prove_with(input, &options)?.proof)
    }

    /// Proves a run, verifies the proof, and compares the outputs that it proves with those of
    /// the integer executor.
    pub fn prove_and_check(&self, input: &[FloatTensor]) -> Result<Claim> {
        let claim = self.prover()?.verifier().verify(&self.prove(input)?)?;
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
