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

/// Bits of the largest absolute value of a form, by interval arithmetic.
fn form(form: &LinForm, b: u32) -> u32 {
    let cell = (1i128 << b) - 1;
    let (mut least, mut most) = (i128::from(form.constant), i128::from(form.constant));
    for &(_, c) in &form.terms {
        let end = i128::from(c) * cell;
        (least, most) = (least + end.min(0), most + end.max(0));
    }
    u128::BITS - least.unsigned_abs().max(most.unsigned_abs()).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assurance::families::{LANE_BITS, families};
    use crate::gadget::GadgetType;
    use crate::lower::MAX_FORM_BITS;

    /// Operands and results fit the bits that section 3 of docs/soundness.md counts with, and a sign: 64-bit arithmetic.
    #[test]
    fn operands_and_results_are_narrow() {
        for &kind in GadgetType::ALL {
            for family in LANE_BITS.flat_map(|b| families(kind, b)) {
                let layout = family.least().layout(family.lane_bits);
                let widest = layout
                    .inputs
                    .iter()
                    .chain(&layout.outputs)
                    .map(|f| form(f, family.lane_bits));
                let widest = widest.max().unwrap_or(0);
                assert!(widest <= MAX_FORM_BITS, "{:?}: {widest} bits", family.least());
            }
        }
    }
}
