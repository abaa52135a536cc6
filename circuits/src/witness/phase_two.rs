//! The columns of phase 2: determined by phase 1 and the challenges.
//!
//! Helpers and coefficient columns hold few distinct values, however many rows they have: they are kept as
//! positions in tables ([`Derived`]), and become columns of field elements ([`PhaseTwo`]) only for who needs
//! these.

use super::Witness;
use super::lookup::{fingerprints, function_rows};
use super::pattern::{Cells, HornerEvaluator, add_linear_constraints};
use super::scalars::{coefficient_column_codes, scalars};
use crate::Shape;
use crate::config::Challenges;
use crate::program::Program;
use crate::shape::CELLS_PER_HELPER;
use ff::{BatchInvert, Field};
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::sync::Arc;

/// Rows that one task works on.
const CHUNK: usize = 1 << 10;

/// Columns of phase 2.
#[derive(Debug)]
pub(crate) struct PhaseTwo {
    pub coefficient_columns: Vec<[Vec<Fr>; 2]>,
    pub horner: Vec<Fr>,
    pub sum: Vec<Fr>,
    pub helpers: Vec<Vec<Fr>>,
    pub table_helper: Vec<Fr>,
    pub functions: Option<[Vec<Fr>; 2]>,
}

/// The columns of phase 2, with helpers and coefficient columns as positions in tables.
#[derive(Debug)]
pub(crate) struct Derived {
    /// The values of all scalars, and 0.
    pub scalars: Arc<Vec<Fr>>,
    /// Positions in [`Self::scalars`], by row.
    pub coefficient_columns: Vec<[Vec<i32>; 2]>,
    /// The inverses of all values that a lane cell may have: a helper's cells are the sums of
    /// those of its lanes.
    pub inverses: Inverses,
    pub horner: Vec<Fr>,
    pub sum: Vec<Fr>,
    pub table_helper: Vec<Fr>,
    pub functions: Option<[Vec<Fr>; 2]>,
}

/// `1 / (alpha + x)`.
#[derive(Clone, Debug)]
pub(crate) struct Inverses {
    alpha: Fr,
    /// For the values of the range table.
    pub table: Arc<Vec<Fr>>,
}

impl Inverses {
    fn new(lane_bits: u32, alpha: Fr) -> Self {
        let mut table: Vec<Fr> = (0..1u64 << lane_bits).map(|x| alpha + Fr::from(x)).collect();
        table.iter_mut().batch_invert();
        Inverses {
            alpha,
            table: Arc::new(table),
        }
    }

    /// Every cell of an honest witness is in the table; a cell beyond it has an inverse too, and no
    /// multiplicity that balances it.
    fn of(&self, cell: u32) -> Fr {
        self.table.get(cell as usize).copied().unwrap_or_else(|| {
            let denominator = self.alpha + Fr::from(u64::from(cell));
            denominator.invert().unwrap_or(Fr::ZERO)
        })
    }

    /// The sums of the inverses of lanes by row.
    fn sums(&self, lanes: &[Vec<u32>], rows: usize) -> Vec<Fr> {
        let mut sums = vec![Fr::ZERO; rows];
        sums.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, sums)| {
            for lane in lanes {
                for (sum, &cell) in sums.iter_mut().zip(&lane[chunk * CHUNK..]) {
                    *sum += self.of(cell);
                }
            }
        });
        sums
    }
}

impl Derived {
    /// As columns of field elements, for these lanes.
    pub fn into_columns(self, lanes: &[Vec<u32>], shape: &Shape) -> PhaseTwo {
        let rows = shape.active_rows();
        let values = |codes: &Vec<i32>| codes.iter().map(|&code| self.scalars[code as usize]).collect();
        PhaseTwo {
            coefficient_columns: self
                .coefficient_columns
                .iter()
                .map(|coefficient_column| coefficient_column.each_ref().map(values))
                .collect(),
            horner: self.horner,
            sum: self.sum,
            helpers: lanes
                .chunks(CELLS_PER_HELPER)
                .map(|lanes| self.inverses.sums(lanes, rows))
                .collect(),
            table_helper: self.table_helper,
            functions: self.functions,
        }
    }
}

impl Witness {
    /// The columns of phase 2 as field elements.
    pub fn phase_two(&self, shape: &Shape, program: &Program, ch: &Challenges<Fr>) -> PhaseTwo {
        self.derive(shape, program, ch).into_columns(&self.lanes, shape)
    }

    /// The columns of phase 2.
    pub fn derive(&self, shape: &Shape, program: &Program, ch: &Challenges<Fr>) -> Derived {
        let rows = shape.active_rows();
        let cells = Cells::new(self, shape, program);
        let evaluations = HornerEvaluator::new(&cells, shape, program, ch);
        let mut horner = vec![Fr::ZERO; rows];
        let mut scalars = scalars(&program.scalars, &self.copied, ch, |j, scalars| {
            evaluations.evaluate(j, scalars, &mut horner)
        });

        let inverses = Inverses::new(shape.lane_bits, ch.alpha);
        // Rows of the range table beyond its values hold the value 0, with multiplicity 0.
        let mut table_helper = vec![Fr::ZERO; rows];
        for (h, (m, inverse)) in table_helper
            .iter_mut()
            .zip(self.multiplicity.iter().zip(&*inverses.table))
        {
            *h = *inverse * Fr::from(u64::from(*m));
        }
        let mut delta = inverses.sums(&self.lanes, rows);
        delta.iter_mut().zip(&table_helper).for_each(|(d, h)| *d -= h);

        let functions = (!shape.tables.is_empty()).then(|| {
            let mut inverse = fingerprints(program, ch);
            inverse.iter_mut().batch_invert();
            let mut helper = vec![Fr::ZERO; rows];
            for (row, id) in function_rows(shape, program, &self.lanes) {
                let inverse = inverse.get(id).copied().unwrap_or(Fr::ZERO);
                helper[row] = inverse;
                delta[row] += ch.tau * inverse;
            }
            let mut table_helper = vec![Fr::ZERO; rows];
            for (r, (m, inv)) in self.function_multiplicity.iter().zip(&inverse).enumerate() {
                table_helper[r] = *inv * Fr::from(u64::from(*m));
                delta[r] -= ch.tau * table_helper[r];
            }
            [helper, table_helper]
        });
        add_linear_constraints(&cells, shape, program, ch, &scalars, &mut delta);

        let mut sum = Vec::with_capacity(rows + 1);
        let mut acc = Fr::ZERO;
        sum.push(acc);
        for d in delta {
            acc += d;
            sum.push(acc);
        }
        let coefficient_columns = coefficient_column_codes(shape, program, scalars.len() as i32);
        scalars.push(Fr::ZERO);
        Derived {
            scalars: Arc::new(scalars),
            coefficient_columns,
            inverses,
            horner,
            sum,
            table_helper,
            functions,
        }
    }
}
