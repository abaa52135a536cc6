//! The common factors of what a linear constraint says of one row.

use super::coefficient::{Factored, Outer};
use crate::form::{LinForm, Pattern};
use crate::mono::{Mono, Poly};
use crate::regions::{Region, Role};

/// What one row adds to a linear constraint: `outer mono rest pattern`.
pub(super) struct RowFactors {
    pub(super) outer: Outer,
    pub(super) mono: Mono,
    pub(super) rest: Option<Poly>,
    pub(super) pattern: Pattern,
}

/// Factors the coefficients of a row; `None` if they have different outer factors,
/// `Some(None)` if there are none.
#[allow(clippy::option_option)]
pub(super) fn row_factors(
    b: &Region,
    row: u32,
    roles: &[(Role, Vec<Option<Factored>>)],
) -> Option<Option<RowFactors>> {
    let mut terms: Vec<(&Factored, LinForm)> = vec![];
    for (slot, gadget) in b.gadgets_on(row).enumerate() {
        for (role, coefs) in roles {
            if let Some(c) = coefs[gadget as usize].as_ref().filter(|c| !c.poly.is_zero()) {
                terms.push((c, b.form(*role, slot as u32)));
            }
        }
    }
    let Some((first, _)) = terms.first() else {
        return Some(None);
    };
    let outer = first.outer;
    if terms.iter().any(|(c, _)| c.outer != outer) {
        return None;
    }
    let mono = terms
        .iter()
        .map(|(c, _)| c.poly.content())
        .reduce(Mono::gcd)
        .unwrap_or(Mono::ONE);
    // Where all elements share a polynomial (a broadcast does that), it is a scalar.
    let primitive = |c: &Factored| c.poly.over(c.poly.content());
    let shared = primitive(terms[0].0);
    let is_shared = shared.terms().len() > 1 && terms.iter().all(|(c, _)| primitive(c) == shared);
    let terms = terms
        .into_iter()
        .map(|(c, form)| {
            let content = Poly::term(c.poly.content().over(mono), 1);
            (if is_shared { content } else { c.poly.over(mono) }, form)
        })
        .collect();
    let rest = is_shared.then_some(shared);
    Some(Some(RowFactors {
        outer,
        mono,
        rest,
        pattern: Pattern { terms },
    }))
}
