//! The range lookup: every lane cell is in the range table.
//!
//! Gate G-RANGE of docs/soundness.md.

use super::Config;
use super::expression::{advice, fixed};
use crate::shape::CELLS_PER_HELPER;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

impl Config {
    pub(super) fn range_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        for (i, (&helper, cells)) in self
            .helpers
            .iter()
            .zip(self.lanes.chunks(CELLS_PER_HELPER))
            .enumerate()
        {
            meta.create_gate(format!("range helper {i}"), |meta| {
                let active = fixed(meta, self.active, 0);
                let h = advice(meta, helper, 0);
                let alpha = meta.query_challenge(self.challenges.alpha);
                let x: Vec<_> = cells
                    .iter()
                    .map(|&c| alpha.clone() + advice(meta, c, 0))
                    .collect();
                let product = |skip: usize| {
                    x.iter()
                        .enumerate()
                        .filter(|(j, _)| *j != skip)
                        .map(|(_, e)| e.clone())
                        .reduce(|a, b| a * b)
                        .unwrap_or(Expression::Constant(Fr::ONE))
                };
                let numerator = (0..x.len()).map(product).reduce(|a, b| a + b);
                let numerator = numerator.unwrap_or(Expression::Constant(Fr::ZERO));
                vec![(
                    "inverses of the lane cells",
                    active * (h * product(x.len()) - numerator),
                )]
            });
        }
        meta.create_gate("range table", |meta| {
            let active = fixed(meta, self.active, 0);
            let h = advice(meta, self.table_helper, 0);
            let t = fixed(meta, self.range_table, 0);
            let m = advice(meta, self.multiplicity, 0);
            let alpha = meta.query_challenge(self.challenges.alpha);
            vec![("inverse times multiplicity", active * (h * (alpha + t) - m))]
        });
    }
}
