//! The challenge region: challenges and constants in the coefficient columns, and what is computed from them.
//!
//! Gate G-CHALLENGES of docs/soundness.md.

use super::Config;
use super::expression::{advice, fixed};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

impl Config {
    pub(super) fn challenge_region_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        let [[a, b], [c, d]] = [self.coefficient_columns[0], self.coefficient_columns[1]];
        meta.create_gate("base scalars", |meta| {
            let q = self.base.map(|q| fixed(meta, q, 0));
            let cells = [a, b, c, d].map(|x| advice(meta, x, 0));
            let ch = self.challenges.map(|x| meta.query_challenge(x));
            let one = Expression::Constant(Fr::ONE);
            let half = Expression::Constant(Fr::from(2).invert().unwrap_or(Fr::ZERO));
            // In the order of `crate::scalar::BASE_SCALARS`.
            let values = [[ch.v, ch.w, ch.sigma, ch.tau], [one.clone(), half, ch.u, -one]];
            let names = [["v", "w", "sigma", "tau"], ["1", "1/2", "u", "-1"]];
            let mut constraints = vec![];
            for ((q, values), names) in q.into_iter().zip(values).zip(names) {
                for ((cell, value), name) in cells.iter().zip(values).zip(names) {
                    let constraint = q.clone() * (cell.clone() - value);
                    constraints.push((name, self.on_active_rows(meta, constraint)));
                }
            }
            constraints
        });
        meta.create_gate("challenge region", |meta| {
            let q = fixed(meta, self.challenge_region, 0);
            let [a, b, c, d] = [a, b, c, d].map(|x| advice(meta, x, 0));
            vec![(
                "result is a b + c",
                self.on_active_rows(meta, q * (a * b + c - d)),
            )]
        });
    }
}
