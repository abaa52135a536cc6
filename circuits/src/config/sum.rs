//! The constraint sum: adds up the lookups and all that the coefficient columns linear constraint.
//!
//! Gate G-SUM of docs/soundness.md.

use super::Config;
use super::expression::{advice, balanced_sum, fixed};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

impl Config {
    pub(super) fn sum_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        meta.create_gate("constraint sum", |meta| {
            let active = fixed(meta, self.active, 0);
            let sum = advice(meta, self.sum, 0);
            let next = advice(meta, self.sum, 1);
            let mut step = Expression::Constant(Fr::ZERO) - advice(meta, self.table_helper, 0);
            for &h in &self.helpers {
                step = step + advice(meta, h, 0);
            }
            let mut rest = Expression::Constant(Fr::ZERO);
            if let Some(f) = &self.functions {
                let tau = meta.query_challenge(self.challenges.tau);
                step = step - tau.clone() * advice(meta, f.table_helper, 0);
                let h = advice(meta, f.helper, 0);
                for &s in &f.selectors {
                    rest = rest + fixed(meta, s, 0) * h.clone() * tau.clone();
                }
            }
            for ((patterns, selectors), [a, b]) in self
                .shape
                .coefficient_columns
                .iter()
                .zip(&self.patterns)
                .zip(&self.coefficient_columns)
            {
                let selected = patterns.iter().zip(selectors).map(|(pattern, &selector)| {
                    let q = fixed(meta, selector, 0);
                    q * self.pattern(meta, pattern)
                });
                let selected = balanced_sum(selected.collect());
                let a = advice(meta, *a, 0);
                let b = advice(meta, *b, 0);
                rest = rest + a * b * selected;
            }
            vec![("step", active * (next - sum - step - rest))]
        });
        meta.create_gate("constraint sum borders", |meta| {
            let starts = fixed(meta, self.first, 0) * advice(meta, self.sum, 0);
            let ends = fixed(meta, self.last, 0) * advice(meta, self.sum, 1);
            [("starts at 0", starts), ("ends at 0", ends)]
                .map(|(name, c)| (name, self.on_active_rows(meta, c)))
        });
    }
}
