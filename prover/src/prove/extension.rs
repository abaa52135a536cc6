//! Arguments about a proof's columns that are part of the proof.

use super::channel::Channel;
use super::polynomials::Polynomials;
use super::{Prover, Setup};
use crate::Error;
use crate::program::Source;
use gpu_msm::Backend;
use halo2curves::bn256::Fr;

/// An argument about the columns of a proof beyond the circuit's constraints.
///
/// It speaks twice: before the challenge `x` is drawn, where it commits to what it needs, and after the
/// proof's evaluations at `x`. The polynomials that it opens at `x` join the proof's own, behind them, in the one
/// opening. A verifier follows it by the same steps, and adds its claims to the openings that it checks.
pub trait Extension<B: Backend> {
    /// After the commitments to the quotient and before `x`. `advice` are the polynomials of the advice
    /// columns by coefficients, in the order of the columns.
    ///
    /// # Errors
    /// Those of the backend and of the transcript.
    fn commit(
        &mut self,
        setup: Setup<'_, B>,
        advice: &[&B::Vector],
        channel: &mut dyn Channel,
    ) -> Result<(), Error>;

    /// After the proof's evaluations: writes its own, and gives the polynomials, by coefficients, that are
    /// opened at `x`, in the order in which verifiers add them.
    ///
    /// # Errors
    /// Those of the backend and of the transcript.
    fn evaluate(
        &mut self,
        setup: Setup<'_, B>,
        x: Fr,
        channel: &mut dyn Channel,
    ) -> Result<Vec<B::Vector>, Error>;
}

impl<'a, B: Backend> Prover<'a, B> {
    /// The extension's part before `x`, if there is one.
    pub(super) fn commit_extension(&mut self, polynomials: &Polynomials<'a, B>) -> Result<(), Error> {
        let setup = self.setup();
        let Some(extension) = &mut self.extension else {
            return Ok(());
        };
        let columns = 0..self.key.cs.num_advice_columns();
        let advice = columns.map(|index| polynomials.get(Source::Advice(index)));
        let advice: Vec<&B::Vector> = advice.collect::<Result<_, _>>()?;
        extension.commit(setup, &advice, self.channel)
    }

    /// The extension's part after the evaluations: what is opened at `x` besides the proof's polynomials.
    pub(super) fn evaluate_extension(&mut self, x: Fr) -> Result<Vec<B::Vector>, Error> {
        let setup = self.setup();
        match &mut self.extension {
            Some(extension) => extension.evaluate(setup, x, self.channel),
            None => Ok(Vec::new()),
        }
    }

    fn setup(&self) -> Setup<'a, B> {
        Setup {
            backend: self.backend,
            srs: self.srs,
            key: self.key,
        }
    }
}
