//! The columns of phase 2: determined by phase 1 and the challenges.

use super::Witness;
use super::lookup::{fingerprints, function_rows};
use super::pattern::{Cells, RunEvaluator, add_claims};
use super::scalars::{port_columns, scalars};
use crate::Shape;
use crate::config::Challenges;
use crate::program::Program;
use ff::{BatchInvert, Field};
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Columns of phase 2.
#[derive(Debug)]
pub(crate) struct PhaseTwo {
    pub ports: Vec<[Vec<Fr>; 2]>,
    pub run: Vec<Fr>,
    pub sum: Vec<Fr>,
    pub helpers: Vec<Vec<Fr>>,
    pub table_helper: Vec<Fr>,
    pub functions: Option<[Vec<Fr>; 2]>,
}

impl Witness {
    /// The columns of phase 2.
    pub fn phase_two(&self, shape: &Shape, program: &Program, ch: &Challenges<Fr>) -> PhaseTwo {
        let rows = shape.active_rows();
        let cells = Cells::new(self, shape, program);
        let runs = RunEvaluator::new(&cells, shape, program, ch);
        let mut run = vec![Fr::ZERO; rows];
        let scalars = scalars(&program.scalars, &self.pairs, ch, |j, scalars| {
            runs.evaluate(j, scalars, &mut run)
        });
        let ports = port_columns(shape, program, &scalars);

        let mut inverse: Vec<Fr> = (0..1u64 << shape.lane_bits)
            .map(|x| ch.alpha + Fr::from(x))
            .collect();
        inverse.iter_mut().batch_invert();
        // Every cell of an honest witness is in the table; a cell beyond it has an inverse too, and no
        // multiplicity that balances it.
        let inverse_of = |cell: u32| {
            inverse.get(cell as usize).copied().unwrap_or_else(|| {
                (ch.alpha + Fr::from(u64::from(cell)))
                    .invert()
                    .unwrap_or(Fr::ZERO)
            })
        };
        let helpers: Vec<Vec<Fr>> = self
            .lanes
            .par_chunks(crate::shape::CELLS_PER_HELPER)
            .map(|cells| {
                (0..rows)
                    .map(|r| cells.iter().map(|c| inverse_of(c[r])).sum())
                    .collect()
            })
            .collect();
        // Rows of the range table beyond its values hold the value 0, with multiplicity 0.
        let mut table_helper = vec![Fr::ZERO; rows];
        for (h, (m, inv)) in table_helper
            .iter_mut()
            .zip(self.multiplicity.iter().zip(&inverse))
        {
            *h = *inv * Fr::from(u64::from(*m));
        }

        let mut delta: Vec<Fr> = (0..rows)
            .into_par_iter()
            .map(|r| helpers.iter().map(|h| h[r]).sum::<Fr>() - table_helper[r])
            .collect();
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
        add_claims(&cells, shape, program, ch, &scalars, &mut delta);

        let mut sum = Vec::with_capacity(rows + 1);
        let mut acc = Fr::ZERO;
        sum.push(acc);
        for d in delta {
            acc += d;
            sum.push(acc);
        }
        PhaseTwo {
            ports,
            run,
            sum,
            helpers,
            table_helper,
            functions,
        }
    }
}
