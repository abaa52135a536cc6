//! The constraints at `x`: gates and permutation, and the value of the quotient that follows.

use super::{Builder, INVERSE_OPENINGS, INVERSE_VANISHING};
use crate::dag::{Id, Slot};
use crate::protocol::{After, Permuted};
use crate::{CircuitKey, Error};
use ff::{Field, PrimeField};
use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;
use std::cell::RefCell;

impl Builder<'_> {
    /// What the constraints say of the quotient at `x`.
    pub(super) fn constraints(&mut self, key: &CircuitKey<'_>) -> Result<Id, Error> {
        let cs = key.halo2.cs();
        let one = self.constant(Fr::ONE);
        // (x^n - 1) / n, the common factor of all Lagrange polynomials.
        let vanishing = self.dag.sub(self.xn, one);
        let inverse_n = self.constant(Fr::from(1 << self.k).invert().unwrap_or(Fr::ZERO));
        let common = self.dag.mul(vanishing, inverse_n);
        let instance: Vec<Id> = (0..key.instance_columns)
            .map(|c| {
                let sum = self.dag.slot(Slot::InstanceSum(c));
                self.dag.mul(common, sum)
            })
            .collect();

        let y = self.after(After::Constraints);
        let mut folded = self.constant(Fr::ZERO);
        // Neighbouring constraints with a common factor q: q (e_0 y + e_1) instead of q e_0 y + q e_1.
        let mut pending: Option<(Id, Id, Id)> = None;
        for polynomial in cs.gates().iter().flat_map(|g| g.polynomials()) {
            let (factor, rest) = match polynomial {
                Expression::Product(a, b) => (self.expression(a, &instance)?, self.expression(b, &instance)?),
                other => (one, self.expression(other, &instance)?),
            };
            pending = Some(match pending {
                Some((q, sum, power)) if q == factor => {
                    (q, self.dag.fused(sum, y, rest), self.dag.mul(power, y))
                }
                earlier => {
                    if let Some((q, sum, power)) = earlier {
                        folded = self.append(folded, q, sum, power);
                    }
                    (factor, rest, y)
                }
            });
        }
        if let Some((q, sum, power)) = pending {
            folded = self.append(folded, q, sum, power);
        }
        for e in self.permutation(key, common, &instance)? {
            folded = self.dag.fused(folded, y, e);
        }
        let inverse = self.inverse(INVERSE_VANISHING);
        Ok(self.dag.mul(folded, inverse))
    }

    /// `folded power + q sum`.
    fn append(&mut self, folded: Id, q: Id, sum: Id, power: Id) -> Id {
        let term = self.dag.mul(q, sum);
        self.dag.fused(folded, power, term)
    }

    fn expression(&mut self, expression: &Expression<Fr>, instance: &[Id]) -> Result<Id, Error> {
        let p = self.p;
        let dag = RefCell::new(&mut self.dag);
        let missing = RefCell::new(false);
        // Queries know their column and rotation, not their index: look it up in the key's lists.
        let id = expression.evaluate(
            &|c| dag.borrow_mut().constant(c),
            &|_| {
                *missing.borrow_mut() = true;
                Id(0)
            },
            &|q| match p.fixed_query(q.column_index(), q.rotation()) {
                Some(e) => dag.borrow_mut().slot(Slot::Evaluation(e)),
                None => {
                    *missing.borrow_mut() = true;
                    Id(0)
                }
            },
            &|q| match p.advice_query(q.column_index(), q.rotation()) {
                Some(e) => dag.borrow_mut().slot(Slot::Evaluation(e)),
                None => {
                    *missing.borrow_mut() = true;
                    Id(0)
                }
            },
            &|q| instance[q.column_index()],
            &|c| dag.borrow_mut().slot(Slot::Challenge(c.index())),
            &|a| dag.borrow_mut().negate(a),
            &|a, b| dag.borrow_mut().add(a, b),
            &|a, b| dag.borrow_mut().mul(a, b),
            &|a, c| {
                let mut dag = dag.borrow_mut();
                let c = dag.constant(c);
                dag.mul(a, c)
            },
        );
        if missing.into_inner() {
            return Err(Error::Unsupported {
                expected: "whose selectors are fixed columns",
                found: "a virtual selector".to_owned(),
            });
        }
        Ok(id)
    }

    /// halo2's permutation argument.
    fn permutation(&mut self, key: &CircuitKey<'_>, common: Id, instance: &[Id]) -> Result<Vec<Id>, Error> {
        if self.p.products.is_empty() {
            return Ok(vec![]);
        }
        let first = INVERSE_OPENINGS + self.p.rotations.len();
        let mut lagrange = vec![];
        for (i, row) in self.rows().enumerate() {
            let (root, inverse) = (self.constant(self.root(row)), self.inverse(first + i));
            lagrange.push(self.dag.mul(root, inverse));
        }
        let l_0 = self.dag.mul(lagrange[0], common);
        let l_last = self.dag.mul(lagrange[1], common);
        let mut inactive = lagrange[1];
        for l in &lagrange[2..] {
            inactive = self.dag.add(inactive, *l);
        }
        let one = self.constant(Fr::ONE);
        let inactive = self.dag.mul(inactive, common);
        let active = self.dag.sub(one, inactive);

        let (beta, gamma, x) = (
            self.after(After::Beta),
            self.after(After::Gamma),
            self.after(After::X),
        );
        let permuted = self.p.permuted(key)?;
        let chunk = key.halo2.cs().degree() - 2;
        let products = self.p.products.clone();
        let current: Vec<Id> = products.iter().map(|e| self.evaluation(e.current)).collect();

        let mut constraints = vec![];
        let starts = self.dag.sub(one, current[0]);
        constraints.push(self.dag.mul(l_0, starts));
        let z = current[current.len() - 1];
        let squared = self.dag.mul(z, z);
        let ends = self.dag.sub(squared, z);
        constraints.push(self.dag.mul(ends, l_last));
        for (i, e) in products.iter().enumerate() {
            if let (Some(last), Some(&next)) = (e.last, current.get(i + 1)) {
                let last = self.evaluation(last);
                let joins = self.dag.sub(next, last);
                constraints.push(self.dag.mul(joins, l_0));
            }
        }
        let beta_x = self.dag.mul(beta, x);
        for (i, e) in products.iter().enumerate() {
            let (mut left, mut right) = (self.evaluation(e.next), current[i]);
            let columns = i * chunk..permuted.len().min((i + 1) * chunk);
            for c in columns {
                let value = match permuted[c] {
                    Permuted::Evaluation(e) => self.evaluation(e),
                    Permuted::Instance(c) => instance[c],
                };
                let value = self.dag.add(value, gamma);
                let sigma = self.evaluation(self.p.permutation[c]);
                let term = self.dag.fused(beta, sigma, value);
                left = self.dag.mul(left, term);
                let delta = self.constant(Fr::DELTA.pow_vartime([c as u64]));
                let term = self.dag.fused(beta_x, delta, value);
                right = self.dag.mul(right, term);
            }
            let difference = self.dag.sub(left, right);
            constraints.push(self.dag.mul(difference, active));
        }
        Ok(constraints)
    }
}
