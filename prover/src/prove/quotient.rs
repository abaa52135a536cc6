//! The quotient of all constraints by `X^n - 1`.

use super::ProofState;
use super::polynomials::Polynomials;
use crate::Error;
use crate::Stage;
use crate::domain::SLICES;
use crate::program::{Slice, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;
use zkml_kernels::Backend;

/// Columns that are transformed at a time; the proof can be cancelled in between.
const BATCH: usize = 8;

/// Columns on slices of one coset, by the slice's number.
type Columns<V> = HashMap<(Source, usize), V>;

impl<'a, B: Backend> ProofState<'a, B> {
    /// Computes the pieces of the quotient and commits to them.
    ///
    /// The numerator is evaluated on one slice of one coset of `H` after the other. There `X^n - 1`
    /// is a constant, so that the quotient's pieces are linear combinations of the polynomials that
    /// interpolate the slices (see [`Domain`](crate::domain::Domain)).
    #[tracing::instrument(level = "debug", name = "quotient", skip_all)]
    pub(super) fn quotient(&mut self, polynomials: &Polynomials<'a, B>) -> Result<Vec<B::Vector>, Error> {
        let domain = &self.key.domain;
        let program = &self.key.programs.quotient;
        let slices: Vec<Slice> = (0..SLICES).map(|slice| program.slice(slice, SLICES)).collect();
        let mut numerators = Vec::with_capacity(domain.shifts.len());
        for coset in domain.shifts.chunks(SLICES) {
            let mut columns = Columns::new();
            for (number, (slice, &shift)) in slices.iter().zip(coset).enumerate() {
                // What this slice or a later one reads.
                columns.retain(|column, _| {
                    slices[number..]
                        .iter()
                        .any(|slice| slice.columns.contains(column))
                });
                self.transform(polynomials, slice, coset, numerators.len(), &mut columns)?;
                let mut numerator = self.numerator(slice, &columns)?;
                self.backend.coset_intt(&mut numerator, shift)?;
                numerators.push(numerator);
            }
        }
        let mut pieces = self.pieces(numerators)?;
        self.extend_quotient(polynomials, &mut pieces)?;
        self.commit_pieces(&pieces)?;
        self.step(Stage::Quotient, 1, 1)?;
        Ok(pieces)
    }

    /// Adds the columns that a slice reads and that are not there yet; `done` counts the slices
    /// before this one.
    fn transform(
        &mut self,
        polynomials: &Polynomials<'a, B>,
        slice: &Slice,
        coset: &[Fr],
        done: usize,
        columns: &mut Columns<B::Vector>,
    ) -> Result<(), Error> {
        let domain = &self.key.domain;
        let size = domain.slice();
        let work = slice.columns.len() + 1;
        for (number, &shift) in coset.iter().enumerate() {
            let missing = |column: &&(Source, usize)| column.1 == number && !columns.contains_key(column);
            let sources: Vec<Source> = slice
                .columns
                .iter()
                .filter(missing)
                .map(|(source, _)| *source)
                .collect();
            for sources in sources.chunks(BATCH) {
                let present = columns.len().min(slice.columns.len());
                self.step(Stage::Quotient, done * work + present, domain.shifts.len() * work)?;
                let whole = sources
                    .iter()
                    .map(|&source| polynomials.get(source))
                    .collect::<Result<Vec<_>, _>>()?;
                let factor = shift.pow_vartime([size as u64]);
                let folded = self.backend.fold(&whole, size, factor)?;
                let values = self
                    .backend
                    .coset_ntt(&folded.iter().collect::<Vec<_>>(), shift)?;
                columns.extend(sources.iter().map(|&source| (source, number)).zip(values));
            }
        }
        Ok(())
    }

    /// All constraints, combined, on a slice.
    fn numerator(&self, slice: &Slice, columns: &Columns<B::Vector>) -> Result<B::Vector, Error> {
        let program = &self.key.programs.quotient;
        let read: Vec<&B::Vector> = slice
            .columns
            .iter()
            .filter_map(|column| columns.get(column))
            .collect();
        if read.is_empty() {
            // No constraint reads a column: those that are left are constants.
            let value = program.at_point(&self.symbols, |_| Fr::ZERO);
            return Ok(self.backend.upload(&vec![value; self.key.domain.slice()])?);
        }
        Ok(program.run_slice(slice, self.backend, &read, &self.symbols)?)
    }

    /// The pieces of the quotient, of `n` coefficients each, from what interpolates the numerators
    /// on the slices.
    fn pieces(&self, numerators: Vec<B::Vector>) -> Result<Vec<B::Vector>, Error> {
        let join = |rows: &[Vec<Fr>]| {
            let part = |row: &Vec<Fr>| {
                let terms: Vec<(Fr, &B::Vector)> = row.iter().copied().zip(&numerators).collect();
                self.backend.linear_combination(&terms)
            };
            let parts = rows.iter().map(part).collect::<Result<Vec<_>, _>>()?;
            Ok(self.backend.concatenate(&parts.iter().collect::<Vec<_>>())?)
        };
        self.key.domain.interpolation.chunks(SLICES).map(join).collect()
    }
}
