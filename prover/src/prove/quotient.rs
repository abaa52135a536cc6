//! The quotient of all constraints by `X^n - 1`.

use super::Prover;
use super::polynomials::Polynomials;
use crate::Error;
use crate::progress::Stage;
use gpu_msm::Backend;
use halo2curves::bn256::Fr;

/// Columns that are transformed at a time; the proof can be cancelled in between.
const BATCH: usize = 16;

impl<'a, B: Backend> Prover<'a, B> {
    /// Computes the pieces of the quotient and commits to them.
    ///
    /// The numerator is evaluated on one coset of `H` after the other. There `X^n - 1` is a
    /// constant, so that the quotient's pieces are linear combinations of the polynomials that
    /// interpolate the cosets (see [`Domain`](crate::domain::Domain)).
    pub(super) fn quotient(&mut self, polynomials: &Polynomials<'a, B>) -> Result<Vec<B::Vector>, Error> {
        let domain = &self.key.domain;
        let mut cosets = Vec::with_capacity(domain.pieces());
        for (coset, &shift) in domain.shifts.iter().enumerate() {
            let mut numerator = self.numerator(polynomials, coset, shift)?;
            self.backend.coset_intt(&mut numerator, shift)?;
            cosets.push(numerator);
        }
        let pieces = domain
            .interpolation
            .iter()
            .map(|row| {
                let terms: Vec<(Fr, &B::Vector)> = row.iter().copied().zip(&cosets).collect();
                self.backend.linear_combination(&terms)
            })
            .collect::<Result<Vec<_>, _>>()?;
        drop(cosets);
        self.commit_coefficients(&pieces.iter().collect::<Vec<_>>())?;
        self.step(Stage::Quotient, 1, 1)?;
        Ok(pieces)
    }

    /// All constraints, combined, on the coset `shift H`.
    fn numerator(
        &mut self,
        polynomials: &Polynomials<'a, B>,
        coset: usize,
        shift: Fr,
    ) -> Result<B::Vector, Error> {
        let domain = &self.key.domain;
        let program = &self.key.programs.quotient;
        let sources = program.sources();
        let work = sources.len() + 1;
        let mut columns = Vec::with_capacity(sources.len());
        for batch in sources.chunks(BATCH) {
            self.step(
                Stage::Quotient,
                coset * work + columns.len(),
                domain.pieces() * work,
            )?;
            let batch = batch
                .iter()
                .map(|&source| polynomials.get(source))
                .collect::<Result<Vec<_>, _>>()?;
            columns.extend(self.backend.coset_ntt(&batch, shift)?);
        }
        if columns.is_empty() {
            // No constraint reads a column: those that are left are constants.
            let value = program.at_point(&self.symbols, |_| Fr::zero());
            return Ok(self.backend.upload(&vec![value; domain.n])?);
        }
        Ok(program.run(self.backend, &columns.iter().collect::<Vec<_>>(), &self.symbols)?)
    }
}
