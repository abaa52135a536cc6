//! The runs: evaluations of right operands, accumulated row by row.

use super::Config;
use super::expression::{advice, balanced_sum, fixed};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::ConstraintSystem;

impl Config {
    pub(super) fn run_gate(&self, meta: &mut ConstraintSystem<Fr>) {
        let Some(continues) = self.run_continues else {
            return;
        };
        let [a, b] = self.ports[0];
        meta.create_gate("run", |meta| {
            let run = advice(meta, self.run, 0);
            let before = advice(meta, self.run, -1);
            let scalar = advice(meta, a, 0) * advice(meta, b, 0);
            let steps = self
                .shape
                .runs
                .iter()
                .zip(&self.runs)
                .map(|(pattern, &selector)| {
                    let q = fixed(meta, selector, 0);
                    q * (run.clone() - scalar.clone() * self.pattern(meta, pattern))
                });
            let steps = balanced_sum(steps.collect());
            let before = fixed(meta, continues, 0) * before;
            let constraint = self.on_active_rows(meta, steps - before);
            vec![("run is the one before plus a b pattern", constraint)]
        });
    }
}
