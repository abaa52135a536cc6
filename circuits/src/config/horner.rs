//! The running evaluations: evaluations of right operands, accumulated row by row.
//!
//! Gate G-HORNER of docs/soundness.md.

use super::Config;
use super::expression::{advice, balanced_sum, fixed};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::ConstraintSystem;

impl Config {
    pub(super) fn horner_gate(&self, meta: &mut ConstraintSystem<Fr>) {
        let Some(continues) = self.horner_continues else {
            return;
        };
        let [a, b] = self.coefficient_columns[0];
        meta.create_gate("running evaluation", |meta| {
            let horner = advice(meta, self.horner, 0);
            let before = advice(meta, self.horner, -1);
            let scalar = advice(meta, a, 0) * advice(meta, b, 0);
            let steps = self
                .shape
                .evaluations
                .iter()
                .zip(&self.evaluations)
                .map(|(pattern, &selector)| {
                    let q = fixed(meta, selector, 0);
                    q * (horner.clone() - scalar.clone() * self.pattern(meta, pattern))
                });
            let steps = balanced_sum(steps.collect());
            let before = fixed(meta, continues, 0) * before;
            let constraint = self.on_active_rows(meta, steps - before);
            vec![(
                "running evaluation is the one before plus a b pattern",
                constraint,
            )]
        });
    }
}
