//! No wrap-around: what constraints add up to stays far below the field's size, so that they hold over the integers.

use crate::assurance::families::Family;
use crate::form::{Constraint, LinForm};
use crate::gadget::GadgetLayout;

/// Bits of an integer that is at most half the field's size.
pub(super) const MOST_BITS: u32 = 252;

/// The bits that constraints and operands of a family need at most, for all cells in range: sums and products of bounds.
pub(super) fn bits(family: &Family) -> u32 {
    // Coefficients are affine in the numbers, so that they are largest at the ends of their ranges.
    let mut ends: Vec<Vec<i64>> = vec![vec![]];
    for n in &family.numbers {
        let with = |before: Vec<i64>| [n.least, n.most].map(|value| [&before[..], &[value]].concat());
        ends = ends.into_iter().flat_map(with).collect();
    }
    let layouts = ends.iter().map(|n| family.gadget(n).layout(family.lane_bits));
    layouts
        .map(|l| of_layout(&l, family.lane_bits))
        .max()
        .unwrap_or(0)
}

fn of_layout(layout: &GadgetLayout, b: u32) -> u32 {
    let constraints = layout.constraints.iter().map(|c| of_constraint(c, b));
    let operands = layout.inputs.iter().map(|f| form(f, b));
    constraints.chain(operands).max().unwrap_or(0)
}

fn of_constraint(constraint: &Constraint, b: u32) -> u32 {
    let product = |(c, factors): &(i64, Vec<LinForm>)| {
        let factors = factors.iter().map(|f| form(f, b));
        u64::BITS - c.unsigned_abs().leading_zeros() + factors.sum::<u32>()
    };
    let largest = constraint.products.iter().map(product).max().unwrap_or(0);
    // A sum of n numbers has at most log2(n) bits more, rounded up.
    largest + constraint.products.len().next_power_of_two().ilog2()
}

/// Bits of the largest absolute value of a form.
fn form(form: &LinForm, b: u32) -> u32 {
    let cell = (1u128 << b) - 1;
    let terms = form
        .terms
        .iter()
        .map(|(_, c)| u128::from(c.unsigned_abs()) * cell);
    let most = u128::from(form.constant.unsigned_abs()) + terms.sum::<u128>();
    u128::BITS - most.leading_zeros()
}
