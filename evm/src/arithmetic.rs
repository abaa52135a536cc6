//! The field arithmetic of a verifier: everything between the transcript and the points.
//!
//! Two steps, with the inversions between them. The first makes the numbers whose inverses are needed;
//! the second makes the scalar of every point.

use crate::Error;
use crate::dag::{Dag, Id, Slot};
use crate::openings::{Commitment, Evaluation};
use crate::protocol::{After, CircuitKey, Permuted, Protocol};
use crate::schedule::{Program, schedule};
use ff::{Field, PrimeField};
use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;
use std::cell::RefCell;

/// A result and where it goes.
pub(crate) type Output = (Slot, Id);

/// The arithmetic of a circuit.
pub(crate) struct Arithmetic {
    pub dag: Dag,
    pub before_inversion: Vec<Output>,
    pub after_inversion: Vec<Output>,
    pub denominators: usize,
    pub scalars: usize,
}

/// Numbers whose inverses are needed: `x`, `x^n - 1`, then `u - x w^t` for each rotation `t`, then `x - w^i`
/// for the first row, the last and the blinding rows.
const INVERSE_X: usize = 0;
pub(crate) const INVERSE_VANISHING: usize = 1;
const INVERSE_OPENINGS: usize = 2;

/// Makes the graph of a circuit.
pub(crate) struct Builder<'p> {
    pub dag: Dag,
    pub p: &'p Protocol,
    /// `x^n`.
    pub xn: Id,
    k: u32,
}

pub(crate) fn arithmetic(key: &CircuitKey<'_>, p: &Protocol) -> Result<Arithmetic, Error> {
    let mut b = Builder {
        dag: Dag::default(),
        p,
        xn: Id(0),
        k: key.k,
    };
    let before_inversion = b.denominators();
    let denominators = before_inversion.len() - 1;
    b.xn = b.dag.slot(Slot::Power);
    let expected = b.constraints(key)?;
    let after_inversion = b.scalars(expected);
    Ok(Arithmetic {
        dag: b.dag,
        before_inversion,
        denominators,
        scalars: after_inversion.len(),
        after_inversion,
    })
}

impl Arithmetic {
    /// Both steps as instructions.
    pub fn programs(&mut self) -> [Program; 2] {
        let (one, zero) = (self.dag.constant(Fr::ONE), self.dag.constant(Fr::ZERO));
        [&self.before_inversion, &self.after_inversion].map(|outputs| schedule(&self.dag, outputs, one, zero))
    }
}

impl Builder<'_> {
    fn after(&mut self, challenge: After) -> Id {
        self.dag.slot(Slot::Challenge(self.p.after(challenge)))
    }

    pub(crate) fn evaluation(&mut self, index: usize) -> Id {
        self.dag.slot(Slot::Evaluation(index))
    }

    pub(crate) fn inverse(&mut self, index: usize) -> Id {
        self.dag.slot(Slot::Denominator(index))
    }

    pub(crate) fn constant(&mut self, value: Fr) -> Id {
        self.dag.constant(value)
    }

    /// Rows whose Lagrange polynomials the permutation needs: 0, the last, the blinding rows.
    fn rows(&self) -> impl Iterator<Item = i64> + use<> {
        let last = -(self.p.blinding as i64) - 1;
        std::iter::once(0).chain(last..0)
    }

    fn root(&self, power: i64) -> Fr {
        self.p.omega.pow_vartime([power.rem_euclid(1 << self.k) as u64])
    }

    /// `a^n`.
    fn power_of_two(&mut self, a: Id) -> Id {
        (0..self.k).fold(a, |power, _| self.dag.mul(power, power))
    }

    fn denominators(&mut self) -> Vec<Output> {
        let (x, u) = (self.after(After::X), self.after(After::U));
        let one = self.constant(Fr::ONE);
        let xn = self.power_of_two(x);
        let mut numbers = vec![x, self.dag.sub(xn, one)];
        for t in self.p.rotations.clone() {
            let minus_root = self.constant(-self.root(t));
            numbers.push(self.dag.fused(minus_root, x, u));
        }
        for row in self.rows() {
            let root = self.constant(self.root(row));
            numbers.push(self.dag.sub(x, root));
        }
        let slots = numbers
            .into_iter()
            .enumerate()
            .map(|(i, id)| (Slot::Denominator(i), id));
        slots.chain([(Slot::Power, xn)]).collect()
    }

    /// What the constraints say of the quotient at `x`.
    fn constraints(&mut self, key: &CircuitKey<'_>) -> Result<Id, Error> {
        let cs = key.halo2.cs();
        let one = self.constant(Fr::ONE);
        // (x^n - 1) / n, the common factor of all Lagrange polynomials.
        let vanishing = self.dag.sub(self.xn, one);
        let inverse_n = self.constant(Fr::from(1 << self.k).invert().unwrap_or(Fr::ZERO));
        let common = self.dag.mul(vanishing, inverse_n);
        let instance: Vec<Id> = (0..key.public.columns)
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

    /// SHPLONK: the scalar of every point of the proof, of the two opening points, of the model commitment's where there
    /// is one, of the key's points and of the generator.
    ///
    /// With `d_t = u - x w^t`, the sets `S_i` of rotations and `Z_0 = prod_(t in S_0) d_t`, halo2 gives commitment
    /// `j` of set `i` the scalar `v^i y^j Z_0 / prod_(t in S_i) d_t`, and the generator
    /// `-Z_0 sum_i v^i sum_(t in S_i) (sum_j y^j e_ijt) / (d_t x^(|S_i| - 1) prod_(q in S_i, q != t) (w^t - w^q))`.
    fn scalars(&mut self, expected: Id) -> Vec<Output> {
        let (y, v, u) = (
            self.after(After::Openings),
            self.after(After::V),
            self.after(After::U),
        );
        let x = self.after(After::X);
        let (zero, one) = (self.constant(Fr::ZERO), self.constant(Fr::ONE));
        let z_0 = {
            let mut product = one;
            for &t in &self.p.sets[0].points {
                let minus_root = self.constant(-self.root(self.p.rotations[t]));
                let d = self.dag.fused(minus_root, x, u);
                product = self.dag.mul(product, d);
            }
            product
        };
        let (points, pieces) = (self.p.points, self.p.quotient);
        let key = self.p.first_key_point();
        let mut scalars = vec![zero; key + self.p.key_points.len() + 1];
        let mut quotient = zero;
        let mut total = zero;
        let mut power_of_v = one;
        let mut powers_of_y = vec![one];
        for (i, set) in self.p.sets.iter().enumerate() {
            let scale = if i == 0 {
                one
            } else {
                let mut scale = self.dag.mul(power_of_v, z_0);
                for &t in &set.points {
                    let inverse = self.inverse(INVERSE_OPENINGS + t);
                    scale = self.dag.mul(scale, inverse);
                }
                scale
            };
            while powers_of_y.len() < set.commitments.len() {
                let next = self.dag.mul(powers_of_y[powers_of_y.len() - 1], y);
                powers_of_y.push(next);
            }
            for (j, (commitment, _)) in set.commitments.iter().enumerate() {
                let scalar = self.dag.mul(scale, powers_of_y[j]);
                match *commitment {
                    Commitment::Proof(point) => scalars[point] = scalar,
                    Commitment::Key(point) => scalars[key + point] = scalar,
                    Commitment::Quotient => {
                        quotient = scalar;
                        let mut power = scalar;
                        for piece in &mut scalars[pieces.0..pieces.0 + pieces.1] {
                            *piece = power;
                            power = self.dag.mul(power, self.xn);
                        }
                    }
                }
            }
            // Evaluations at each point by Horner's rule from the last commitment on.
            let roots: Vec<Fr> = set
                .points
                .iter()
                .map(|&t| self.root(self.p.rotations[t]))
                .collect();
            let mut sum = zero;
            for (position, &t) in set.points.iter().enumerate() {
                let mut at_point = zero;
                for (_, evaluations) in set.commitments.iter().rev() {
                    let e = match evaluations[position] {
                        Evaluation::Proof(e) => self.evaluation(e),
                        Evaluation::Quotient => expected,
                    };
                    at_point = self.dag.fused(at_point, y, e);
                }
                let others = roots.iter().enumerate().filter(|(q, _)| *q != position);
                let differences: Fr = others.map(|(_, root)| roots[position] - root).product();
                let weight = self.constant(differences.invert().unwrap_or(Fr::ZERO));
                let inverse = self.inverse(INVERSE_OPENINGS + t);
                let weight = self.dag.mul(weight, inverse);
                sum = self.dag.fused(weight, at_point, sum);
            }
            let inverse_x = self.inverse(INVERSE_X);
            for _ in 1..set.points.len() {
                sum = self.dag.mul(sum, inverse_x);
            }
            total = self.dag.fused(power_of_v, sum, total);
            power_of_v = self.dag.mul(power_of_v, v);
        }
        scalars[points] = self.dag.negate(z_0);
        scalars[points + 1] = u;
        let total = self.dag.mul(total, z_0);
        let generator = scalars.len() - 1;
        scalars[generator] = self.dag.negate(total);
        // Its columns have scalars of their own by now, in whatever set they are.
        if let Some(link) = &self.p.link {
            self.link(link, quotient, &mut scalars);
        }
        scalars
            .into_iter()
            .enumerate()
            .map(|(i, id)| (Slot::Scalar(i), id))
            .collect()
    }
}

impl std::fmt::Debug for Arithmetic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arithmetic")
            .field("constants", &self.dag.constants().len())
            .finish_non_exhaustive()
    }
}
