//! Which constraint a witness violates. Only a proof that fails comes here.

use super::ProofState;
use super::polynomials::Polynomials;
use super::rows::Rows;
use crate::error::{CellId, ColumnKind, Error, Violation};
use crate::program::{Source, gate_polynomial, permuted_columns};
use ff::{Field, PrimeField};
use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;
use std::collections::HashMap;
use zkml_kernels::Backend;

/// The error for a lookup whose input in `row` is not in the table.
pub(super) fn lookup(cs: &ConstraintSystem<Fr>, index: usize, row: usize) -> Error {
    Error::Unsatisfied(Violation::Lookup {
        lookup: cs.lookups().get(index).map_or("", |lookup| lookup.name()).into(),
        index,
        row,
    })
}

impl<'a, B: Backend> ProofState<'a, B> {
    /// The error for the first polynomial of a gate that is not zero on all rows.
    pub(super) fn violated_gate(&self, polynomials: &Polynomials<'a, B>) -> Result<Error, Error> {
        for gate in self.key.cs.gates() {
            for (index, expression) in gate.polynomials().iter().enumerate() {
                let program = gate_polynomial(expression)?;
                let mut columns = program
                    .sources()
                    .iter()
                    .map(|&source| Ok(self.backend.duplicate(polynomials.get(source)?)?))
                    .collect::<Result<Vec<_>, Error>>()?;
                let row = if columns.is_empty() {
                    (program.at_point(&self.symbols, |_| Fr::ZERO) != Fr::ZERO).then_some(0)
                } else {
                    self.backend.ntt(&mut columns)?;
                    let columns: Vec<&B::Vector> = columns.iter().collect();
                    let values = program.run(self.backend, &columns, &self.symbols)?;
                    let values = self.backend.download(&values)?;
                    values.iter().position(|value| *value != Fr::ZERO)
                };
                if let Some(row) = row {
                    return Ok(Error::Unsatisfied(Violation::Gate {
                        gate: gate.name().into(),
                        constraint: gate.constraint_name(index).into(),
                        polynomial: index,
                        row,
                    }));
                }
            }
        }
        Ok(self.inconsistent())
    }

    /// The error for the first permuted cell that differs from the cell it is a copy of.
    pub(super) fn unequal_copy(&self, rows: &Rows<'a, B>) -> Result<Error, Error> {
        let columns = permuted_columns(&self.key.cs);
        let values = columns
            .iter()
            .map(|&source| Ok(self.backend.download(&*rows.column(source)?)?))
            .collect::<Result<Vec<_>, Error>>()?;
        let names = Names::new(self.key.domain.omega(), self.key.domain.n, columns.len());
        for (column, own) in values.iter().enumerate() {
            let sigma = self.backend.download(&*rows.column(Source::Sigma(column))?)?;
            for (row, (value, target)) in own.iter().zip(sigma).enumerate() {
                let Some((other, other_row)) = names.find(target) else {
                    return Ok(self.inconsistent());
                };
                if values[other][other_row] != *value {
                    return Ok(Error::Unsatisfied(Violation::Copy {
                        left: cell_id(columns[column], row),
                        right: cell_id(columns[other], other_row),
                    }));
                }
            }
        }
        Ok(self.inconsistent())
    }
}

/// Finds cells by their names `delta^column w^row`.
struct Names {
    rows: HashMap<[u8; 32], usize>,
    inverse_deltas: Vec<Fr>,
}

impl Names {
    fn new(omega: Fr, n: usize, columns: usize) -> Self {
        let powers = std::iter::successors(Some(Fr::ONE), |power| Some(power * omega));
        let inverse = Fr::DELTA.invert().unwrap_or(Fr::ONE);
        Self {
            rows: powers
                .take(n)
                .enumerate()
                .map(|(row, name)| (name.to_repr(), row))
                .collect(),
            inverse_deltas: std::iter::successors(Some(Fr::ONE), |power| Some(power * inverse))
                .take(columns)
                .collect(),
        }
    }

    fn find(&self, name: Fr) -> Option<(usize, usize)> {
        self.inverse_deltas
            .iter()
            .enumerate()
            .find_map(|(column, inverse)| {
                let row = self.rows.get(&(name * inverse).to_repr())?;
                Some((column, *row))
            })
    }
}

fn cell_id(source: Source, row: usize) -> CellId {
    let (kind, column) = match source {
        Source::Fixed(column) => (ColumnKind::Fixed, column),
        Source::Instance(column) => (ColumnKind::Instance, column),
        Source::Advice(column) => (ColumnKind::Advice, column),
        // The argument permutes columns of these three kinds.
        _ => (ColumnKind::Advice, 0),
    };
    CellId { kind, column, row }
}
