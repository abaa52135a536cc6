//! The function lookups: tuples of index, value and slope are rows of the function tables.
//!
//! Gate G-FUNCTION of docs/soundness.md.

use super::Config;
use super::expression::{advice, fixed};
use crate::form::TableLookup;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression, VirtualCells};

impl Config {
    pub(super) fn function_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        let Some(f) = &self.functions else { return };
        for (i, (TableLookup { id, value, slope }, &selector)) in
            self.shape.tables.iter().zip(&f.selectors).enumerate()
        {
            meta.create_gate(format!("function lookup {i}"), |meta| {
                let selector = fixed(meta, selector, 0);
                let h = advice(meta, f.helper, 0);
                let tuple = [id, value, slope].map(|form| self.form(meta, form));
                let fingerprint = self.fingerprint(meta, tuple);
                let constraint = selector * (h * fingerprint - Expression::Constant(Fr::ONE));
                vec![("inverse of the tuple", self.on_active_rows(meta, constraint))]
            });
        }
        meta.create_gate("function table", |meta| {
            let active = fixed(meta, self.active, 0);
            let h = advice(meta, f.table_helper, 0);
            let m = advice(meta, f.multiplicity, 0);
            let tuple = f.table.map(|c| fixed(meta, c, 0));
            let fingerprint = self.fingerprint(meta, tuple);
            vec![("inverse times multiplicity", active * (h * fingerprint - m))]
        });
    }

    /// `alpha + i + gamma c + gamma^2 s`.
    fn fingerprint(&self, meta: &mut VirtualCells<'_, Fr>, tuple: [Expression<Fr>; 3]) -> Expression<Fr> {
        let gamma = meta.query_challenge(self.challenges.gamma);
        let alpha = meta.query_challenge(self.challenges.alpha);
        let [i, c, s] = tuple;
        alpha + i + gamma.clone() * (c + gamma * s)
    }
}
