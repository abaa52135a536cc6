//! Evaluations at the challenge point, and the check that the quotient is one.

use super::ProofState;
use super::polynomials::Polynomials;
use crate::Error;
use crate::Stage;
use crate::points;
use crate::program::{Cell, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;
use zkml_kernels::Backend;

/// What is opened at `x` besides the polynomials of the proof.
pub(super) struct Opened<V> {
    /// Coefficient of `X^n` of the quotient.
    pub(super) top: Fr,
    /// The polynomials of an extension.
    pub(super) further: Vec<V>,
}

impl<'a, B: Backend> ProofState<'a, B> {
    /// Puts the pieces of the quotient together at `x`, less what is an extension's, evaluates everything, checks that the
    /// constraints equal `(x^n - 1) h(x)`, as the verifier will, and writes the evaluations. Gives what is opened besides the
    /// polynomials of the proof.
    ///
    /// # Errors
    /// [`Error::Unsatisfied`] if a gate does not hold on some row.
    #[tracing::instrument(level = "debug", name = "evaluations", skip_all)]
    pub(super) fn evaluate(
        &mut self,
        x: Fr,
        pieces: Vec<B::Vector>,
        polynomials: &mut Polynomials<'a, B>,
    ) -> Result<Opened<B::Vector>, Error> {
        self.step(Stage::Evaluations, 0, 1)?;
        let extended = self.evaluate_extension(x)?;
        let domain = &self.key.domain;
        let xn = x.pow_vartime([domain.n as u64]);
        let powers = std::iter::successors(Some(Fr::ONE), |power| Some(*power * xn));
        let taken = extended.iter().map(|extended| {
            let (factor, polynomial) = &extended.taken;
            (-*factor, polynomial)
        });
        let terms: Vec<(Fr, &B::Vector)> = powers.zip(&pieces).chain(taken).collect();
        let quotient = self.backend.linear_combination(&terms)?;
        polynomials.insert(Source::Quotient, quotient);
        let pieces = pieces.len();

        let written = points::evaluated(&self.key.cs, domain);
        let program = &self.key.programs.quotient;
        let mut cells: Vec<Cell> = written.iter().copied().chain(program.cells()).collect();
        cells.push(Source::Quotient.into());
        cells.sort();
        cells.dedup();
        let queries = cells
            .iter()
            .map(|cell| Ok((polynomials.get(cell.source)?, domain.rotate(x, cell.rotation))))
            .collect::<Result<Vec<_>, Error>>()?;
        let values: HashMap<Cell, Fr> = cells
            .iter()
            .copied()
            .zip(self.backend.evaluate(&queries)?)
            .collect();
        // All cells that are asked for are in the list.
        let value = |cell: Cell| values.get(&cell).copied().unwrap_or(Fr::ZERO);

        let numerator = program.at_point(&self.symbols, value);
        if numerator != value(Source::Quotient.into()) * (xn - Fr::ONE) {
            return Err(self.violated_gate(polynomials)?);
        }
        for cell in written {
            self.channel.write_scalar(value(cell))?;
        }
        self.step(Stage::Evaluations, 1, 1)?;
        Ok(Opened {
            top: self.blind_quotient(pieces, xn, polynomials)?,
            further: extended.map_or_else(Vec::new, |extended| extended.opened),
        })
    }
}
