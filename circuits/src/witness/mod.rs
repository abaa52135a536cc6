//! The witness: lane cells from a trace of the executor, and the columns of the later phases
//! from the challenges.

mod lanes;
mod lookup;
mod pattern;
mod phase_two;
mod scalars;

pub(crate) use lanes::{lanes, param_args, weights};
pub(crate) use lookup::{function_multiplicity, multiplicity, table_tuples};
#[cfg(any(test, feature = "assurance"))]
pub(crate) use pattern::{Cells, EvaluatedPattern};
pub(crate) use phase_two::{Derived, PhaseTwo};
pub(crate) use scalars::challenge_region_rows;

use crate::Shape;
use crate::poseidon::WIDTH;
use crate::program::Program;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Phase-1 cells and what the later phases are computed from.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    /// Cells by lane and row; rows after the last used one hold 0.
    pub lanes: Vec<Vec<u32>>,
    /// How often each value of the range table stands in the lanes.
    pub multiplicity: Vec<u32>,
    /// How often each row of the function tables is looked up.
    pub function_multiplicity: Vec<u32>,
    /// Public values by instance column.
    pub instances: Vec<Vec<Fr>>,
    /// The copy cells.
    pub copied: Vec<i64>,
    /// The columns of the hash chip, if there is one.
    pub hash: Option<[Vec<Fr>; WIDTH]>,
}

/// The columns of the hash chip for these messages.
pub(crate) fn hash(shape: &Shape, program: &Program, messages: &[Vec<Fr>]) -> Option<[Vec<Fr>; WIDTH]> {
    shape.hash.then(|| {
        let mut columns = std::array::from_fn(|_| vec![Fr::ZERO; shape.active_rows()]);
        for ((first, chain), message) in program.chains.iter().zip(messages) {
            for (row, cells) in (*first as usize..).zip(chain.cells(message)) {
                for (column, cell) in columns.iter_mut().zip(cells) {
                    column[row] = cell;
                }
            }
        }
        columns
    })
}
