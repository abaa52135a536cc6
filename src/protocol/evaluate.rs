//! What the constraints say of the quotient, straight from the protocol: `docs/proof-format.md`, section 7.
//!
//! Verification does not go through here. It is for known answers, beside which other verifiers are put.

use super::{ColumnKind, KeyProtocol, Node};
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;

/// The values at `x` that follow from the public values and from what a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evaluated {
    /// Of the instance queries.
    pub instances: Vec<Fr>,
    /// Of the quotient.
    pub quotient: Fr,
}

/// Evaluations as a proof has them, cut into their parts.
struct Evaluations<'a> {
    advice: &'a [Fr],
    fixed: &'a [Fr],
    sigma: &'a [Fr],
    /// Of each running product: at the row, at the next one, and at the last row for all products but the last.
    products: Vec<&'a [Fr]>,
}

/// The challenges that the permutation's constraints are about.
struct Drawn {
    beta: Fr,
    gamma: Fr,
    x: Fr,
}

impl KeyProtocol {
    /// The values for these instance columns, all challenges and all evaluations of a proof, in the order of the transcript. None if
    /// there are too few of them, or `x` is a row.
    pub(crate) fn evaluate(
        &self,
        instances: &[Vec<Fr>],
        challenges: &[Fr],
        evaluations: &[Fr],
    ) -> Option<Evaluated> {
        let (circuit, rest) = challenges.split_at_checked(self.challenge_phases.len())?;
        // A link draws one more, after `y`.
        let &[_, beta, gamma, y, ..] = rest else {
            return None;
        };
        let x = *rest.get(4 + usize::from(self.link.is_some()))?;
        let drawn = Drawn { beta, gamma, x };
        let parts = self.evaluations(evaluations)?;
        let n = 1u64 << self.k;
        let vanishing = x.pow_vartime([n]) - Fr::ONE;
        let inverse: Fr = Option::from(vanishing.invert())?;
        let instances: Vec<Fr> = self
            .instance_queries
            .iter()
            .map(|&(column, _)| {
                let values = instances.get(column)?.iter().zip(0..);
                values
                    .map(|(value, row)| Some(value * self.lagrange(row, x)?))
                    .sum()
            })
            .collect::<Option<_>>()?;
        let mut values = self.constraint_values(circuit, &parts, &instances)?;
        values.extend(self.permutation_values(&parts, &instances, &drawn)?);
        let sum = values.iter().fold(Fr::ZERO, |sum, value| sum * y + value);
        Some(Evaluated {
            instances,
            quotient: sum * inverse,
        })
    }

    fn evaluations<'a>(&self, all: &'a [Fr]) -> Option<Evaluations<'a>> {
        let (_, rest) = all.split_at_checked(self.link.is_some().into())?;
        let (advice, rest) = rest.split_at_checked(self.advice_queries.len())?;
        let (fixed, rest) = rest.split_at_checked(self.fixed_queries.len())?;
        let (_random, rest) = rest.split_first()?;
        let (sigma, products) = rest.split_at_checked(self.permutation.len())?;
        Some(Evaluations {
            advice,
            fixed,
            sigma,
            products: products.chunks(3).collect(),
        })
    }

    /// `l_row(x) = omega^row (x^n - 1) / (n (x - omega^row))`.
    fn lagrange(&self, row: i64, x: Fr) -> Option<Fr> {
        let n = 1u64 << self.k;
        let root = self.omega.value().pow_vartime([row.rem_euclid(n as i64) as u64]);
        let inverse: Fr = Option::from((Fr::from(n) * (x - root)).invert())?;
        Some(root * (x.pow_vartime([n]) - Fr::ONE) * inverse)
    }

    fn constraint_values(
        &self,
        challenges: &[Fr],
        parts: &Evaluations<'_>,
        instances: &[Fr],
    ) -> Option<Vec<Fr>> {
        let mut values: Vec<Fr> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let value = match *node {
                Node::Constant(scalar) => scalar.value(),
                Node::Advice(i) => *parts.advice.get(i)?,
                Node::Fixed(i) => *parts.fixed.get(i)?,
                Node::Instance(i) => *instances.get(i)?,
                Node::Challenge(i) => *challenges.get(i)?,
                Node::Negated(a) => -values.get(a)?,
                Node::Sum(a, b) => values.get(a)? + values.get(b)?,
                Node::Product(a, b) => values.get(a)? * values.get(b)?,
                Node::Scaled(a, scalar) => values.get(a)? * scalar.value(),
            };
            values.push(value);
        }
        self.constraints.iter().map(|&i| values.get(i).copied()).collect()
    }

    fn permutation_values(
        &self,
        parts: &Evaluations<'_>,
        instances: &[Fr],
        drawn: &Drawn,
    ) -> Option<Vec<Fr>> {
        let &Drawn { beta, gamma, x } = drawn;
        let (Some(first), Some(last)) = (parts.products.first(), parts.products.last()) else {
            return Some(vec![]);
        };
        let last_row = -(self.blinding_factors as i64) - 1;
        let l_0 = self.lagrange(0, x)?;
        let l_last = self.lagrange(last_row, x)?;
        let inactive: Fr = (last_row..0)
            .map(|row| self.lagrange(row, x))
            .sum::<Option<Fr>>()?;
        let z = |product: &[Fr], at: usize| product.get(at).copied();
        let (z_first, z_last) = (z(first, 0)?, z(last, 0)?);
        let mut values = vec![l_0 * (Fr::ONE - z_first), l_last * (z_last.square() - z_last)];
        for pair in parts.products.windows(2) {
            values.push(l_0 * (z(pair[1], 0)? - z(pair[0], 2)?));
        }
        let permuted = self.permutation.iter().map(|&(kind, column)| {
            let (queries, evaluations) = match kind {
                ColumnKind::Advice => (&self.advice_queries, parts.advice),
                ColumnKind::Fixed => (&self.fixed_queries, parts.fixed),
                ColumnKind::Instance => (&self.instance_queries, instances),
            };
            let query = queries.iter().position(|query| *query == (column, 0))?;
            evaluations.get(query).copied()
        });
        let permuted: Vec<Fr> = permuted.collect::<Option<_>>()?;
        let columns: Vec<(usize, Fr)> = permuted.into_iter().enumerate().collect();
        for (product, columns) in parts.products.iter().zip(columns.chunks(self.permutation_chunk)) {
            let (mut left, mut right) = (z(product, 1)?, z(product, 0)?);
            for &(c, value) in columns {
                left *= value + beta * parts.sigma.get(c)? + gamma;
                right *= value + beta * Fr::DELTA.pow_vartime([c as u64]) * x + gamma;
            }
            values.push((left - right) * (Fr::ONE - inactive));
        }
        Some(values)
    }
}
