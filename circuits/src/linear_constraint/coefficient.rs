//! Coefficients of elements in a linear constraint: sums of terms `c outer mono`, and sorted by their outer factor.

use crate::Error;
use crate::mono::{COEFFICIENT_LIMIT, Mono, Poly};
use crate::scalar::ScalarId;
use std::collections::BTreeMap;

/// The factor of a coefficient that is the same for all elements of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Outer {
    /// 1.
    One,
    /// A scalar of the challenge region, a copy cell or a running evaluation.
    Scalar(ScalarId),
}

/// A term `c outer mono` of the coefficient of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coef {
    pub outer: Outer,
    pub mono: Mono,
    pub c: i64,
}

impl Coef {
    pub fn mono(mono: Mono, c: i64) -> Self {
        Coef {
            outer: Outer::One,
            mono,
            c,
        }
    }
}

/// Coefficient `outer poly` of an element in a linear constraint.
#[derive(Clone, Debug)]
pub(super) struct Factored {
    pub(super) outer: Outer,
    pub(super) poly: Poly,
}

/// Adds up the terms of an element by outer factor.
pub(super) fn factored(terms: &[Coef]) -> Vec<Factored> {
    if let [Coef { outer, mono, c }] = *terms {
        return vec![Factored {
            outer,
            poly: Poly::term(mono, c),
        }];
    }
    let mut by_outer: BTreeMap<Outer, Vec<(Mono, i64)>> = BTreeMap::new();
    for t in terms {
        by_outer.entry(t.outer).or_default().push((t.mono, t.c));
    }
    by_outer
        .into_iter()
        .map(|(outer, terms)| Factored {
            outer,
            poly: Poly::from_terms(terms),
        })
        .filter(|f| !f.poly.is_zero())
        .collect()
}

/// Refuses sums that were too large for 64 bits: they would state another equation.
pub(super) fn check_coefficients(poly: &Poly) -> Result<(), Error> {
    if poly.terms().iter().all(|t| t.1.abs() < COEFFICIENT_LIMIT) {
        return Ok(());
    }
    Err(Error::Unsupported {
        node: String::new(),
        op: "",
        reason: "its coefficients are wider than 62 bits; rescale an operand first".into(),
    })
}
