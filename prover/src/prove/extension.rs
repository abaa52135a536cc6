//! Arguments about a proof's columns that are part of the proof.

use super::channel::Channel;
use super::polynomials::Polynomials;
use super::{ProofState, Setup};
use crate::Error;
use crate::program::Source;
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_kernels::Backend;

/// An argument about the columns of a proof beyond the circuit's constraints: that a polynomial `N` is 0 on all rows, which is
/// committed to with the columns but need not be one of them.
///
/// It has two hooks. Before the quotient is committed to, [`Extension::constrain`] gives `N / (X^n - 1)`, which is added to the
/// quotient; a verifier that knows `N(x)`, or a commitment to a polynomial with that value at `x`, subtracts it. After `x`,
/// [`Extension::evaluate`] writes what else the verifier needs.
pub trait Extension<B: Backend> {
    /// After `y` and before the commitments to the quotient. `advice` are the polynomials of the advice
    /// columns by coefficients, in the order of the columns. Gives `N / (X^n - 1)` by its `n` coefficients.
    ///
    /// # Errors
    /// Those of the backend and of the transcript.
    fn constrain(
        &mut self,
        setup: Setup<'_, B>,
        advice: &[&B::Vector],
        channel: &mut dyn Channel,
    ) -> Result<B::Vector, Error>;

    /// After `x` and before the proof's evaluations: writes its own, and says what is opened.
    ///
    /// # Errors
    /// Those of the backend and of the transcript.
    fn evaluate(
        &mut self,
        setup: Setup<'_, B>,
        x: Fr,
        channel: &mut dyn Channel,
    ) -> Result<Extended<B::Vector>, Error>;
}

/// What an [`Extension`] changes in the opening at `x`.
pub struct Extended<V> {
    /// A factor and a polynomial, by coefficients, whose product has the value `N(x) / (x^n - 1)` at `x`. It is taken out of the
    /// quotient that is opened.
    pub taken: (Fr, V),
    /// Polynomials, by coefficients, that are opened at `x` behind the proof's own, in this order.
    pub opened: Vec<V>,
}

impl<'a, B: Backend> ProofState<'a, B> {
    /// Adds the extension's part, if there is one, to the quotient's first piece.
    pub(super) fn extend_quotient(
        &mut self,
        polynomials: &Polynomials<'a, B>,
        pieces: &mut [B::Vector],
    ) -> Result<(), Error> {
        let setup = self.setup();
        let (Some(extension), Some(first)) = (&mut self.extension, pieces.first_mut()) else {
            return Ok(());
        };
        let columns = 0..self.key.cs.num_advice_columns();
        let advice = columns.map(|index| polynomials.get(Source::Advice(index)));
        let advice: Vec<&B::Vector> = advice.collect::<Result<_, _>>()?;
        let own = extension.constrain(setup, &advice, self.channel)?;
        *first = self
            .backend
            .linear_combination(&[(Fr::ONE, first), (Fr::ONE, &own)])?;
        Ok(())
    }

    /// The extension's evaluations, if there is one, and what they change in the opening.
    pub(super) fn evaluate_extension(&mut self, x: Fr) -> Result<Option<Extended<B::Vector>>, Error> {
        let setup = self.setup();
        let extension = self.extension.as_mut();
        extension
            .map(|extension| extension.evaluate(setup, x, self.channel))
            .transpose()
    }

    fn setup(&self) -> Setup<'a, B> {
        Setup {
            backend: self.backend,
            srs: self.srs,
            key: self.key,
        }
    }
}
