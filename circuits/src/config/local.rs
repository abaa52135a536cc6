//! The row-local constraints of the gadgets.

use super::Config;
use super::expression::{field, fixed};
use crate::form::Constraint;
use crate::shape::MAX_FACTORS;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

impl Config {
    pub(super) fn local_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        for (gate, &selector) in self.shape.gates.iter().zip(&self.gates) {
            meta.create_gate(gate.name.clone(), |meta| {
                let mut q = fixed(meta, selector, 0);
                if gate.factors() < MAX_FACTORS {
                    q = self.on_active_rows(meta, q);
                }
                gate.constraints
                    .iter()
                    .map(|Constraint { name, products }| {
                        let mut sum = Expression::Constant(Fr::ZERO);
                        for (c, factors) in products {
                            let mut product = Expression::Constant(field(*c));
                            for f in factors {
                                product = product * self.form(meta, f);
                            }
                            sum = sum + product;
                        }
                        (name.clone(), q.clone() * sum)
                    })
                    .collect::<Vec<_>>()
            });
        }
    }
}
