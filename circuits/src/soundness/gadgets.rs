//! One cheat for each local constraint: all linear constraints hold, and that constraint alone fails.

use super::common::samples::all;
use super::{CONSTRAINT_SUM, Forgery};

/// Cells of a gadget of one limb can grow by one.
fn any(_: &[u32]) -> bool {
    true
}

#[test]
fn positive_and_negative_part_exclude_each_other() {
    let mut f = Forgery::of("dense_row");
    let u = f.gadget("rescale", 0, |c| c[0] < 31 && c[2] < 31);
    f.add(u, &[(0, 1), (2, 1)]);
    f.linear_constraint(0, u.index, 1);
    f.rejected_by(&["positive and negative part exclude each other"]);
}

#[test]
fn zero_has_no_other_sign() {
    let mut f = Forgery::of("halves");
    // Element 2 is 0; limbs: positive part, negative part, remainder.
    let u = f.gadget("rescale", 1, |c| c[0] == 0 && c[1] == 0 && c[2] == 16);
    f.add(u, &[(0, 1), (1, 1)]);
    f.linear_constraint(1, u.index, 1);
    f.rejected_by(&["positive and negative part exclude each other"]);
}

#[test]
fn maximum_is_one_of_the_operands() {
    let mut f = Forgery::of("large_maxima");
    let gadgets = f.region("max", 1);
    let u = f.gadget("max", 1, |c| c[0] < 31 && c[1..].iter().all(|&d| d < 31));
    assert_eq!(u.region, gadgets);
    let distances: Vec<(usize, i64)> = (0..f.cells(u).len()).map(|i| (i, 1)).collect();
    f.add(u, &distances);
    f.linear_constraint(0, u.index, 1);
    f.rejected_by(&["maximum is one of the operands"]);
}

#[test]
fn rectified_maximum_is_zero_or_the_maximum() {
    let mut f = Forgery::of("pooled_convolution");
    let u = f.gadget("max", 0, |c| c[0] < 31 && c[2] < 31);
    f.add(u, &[(0, 1), (2, 1)]);
    f.linear_constraint(0, u.index, 1);
    f.rejected_by(&["rectified maximum is 0 or the maximum"]);
}

const ABOVE: &str = "a value above the range has the largest result";
const BELOW: &str = "a value below the range has the smallest result";

/// Cells of a clamp to one limb in `saturated`: result, two limbs above, two below. Public tensors: the clamp to the
/// signed range, to the unsigned one, the maxima of windows and of rows.
#[test]
fn a_value_inside_has_no_smaller_result() {
    for nth in [0, 1] {
        let mut f = Forgery::of("saturated");
        // The result and the distance above change by as much: the value stays.
        let u = f.gadget("rescale", nth, |c| c[0] > 0 && c[1..5] == [0; 4]);
        f.add(u, &[(0, -1), (1, 1)]);
        f.linear_constraint(nth, u.index, -1);
        f.rejected_by(&[ABOVE]);
    }
}

#[test]
fn a_value_inside_has_no_larger_result() {
    for nth in [0, 1] {
        let mut f = Forgery::of("saturated");
        let u = f.gadget("rescale", nth, |c| c[0] > 0 && c[0] < 31 && c[1..5] == [0; 4]);
        f.add(u, &[(0, 1), (3, 1)]);
        f.linear_constraint(nth, u.index, 1);
        f.rejected_by(&[BELOW]);
    }
}

#[test]
fn a_value_above_has_no_smaller_result() {
    for nth in [0, 1] {
        let mut f = Forgery::of("saturated");
        let u = f.gadget("rescale", nth, |c| c[1] > 0 && c[1] < 31);
        f.add(u, &[(0, -1), (1, 1)]);
        f.linear_constraint(nth, u.index, -1);
        f.rejected_by(&[ABOVE]);
    }
}

#[test]
fn a_value_below_has_no_larger_result() {
    for nth in [0, 1] {
        let mut f = Forgery::of("saturated");
        let u = f.gadget("rescale", nth, |c| c[3] > 0 && c[3] < 31);
        f.add(u, &[(0, 1), (3, 1)]);
        f.linear_constraint(nth, u.index, 1);
        f.rejected_by(&[BELOW]);
    }
}

#[test]
fn distances_on_both_sides_do_not_cancel_out() {
    for nth in [0, 1] {
        let mut f = Forgery::of("saturated");
        let u = f.gadget("rescale", nth, |c| c[1] > 0 && c[1] < 31 && c[3] < 31);
        f.add(u, &[(1, 1), (3, 1)]);
        f.rejected_by(&[BELOW]);
        let mut f = Forgery::of("saturated");
        let u = f.gadget("rescale", nth, |c| c[3] > 0 && c[1] < 31 && c[3] < 31);
        f.add(u, &[(1, 1), (3, 1)]);
        f.rejected_by(&[ABOVE]);
    }
}

#[test]
fn a_clamped_maximum_is_clamped_right() {
    type Cheat = (&'static str, fn(&[u32]) -> bool, [(usize, i64); 2]);
    let cheats: [Cheat; 3] = [
        (ABOVE, |c| c[1] > 0 && c[1] < 31, [(0, -1), (1, 1)]),
        (ABOVE, |c| c[0] > 0 && c[1] < 31, [(0, -1), (1, 1)]),
        (BELOW, |c| c[0] < 31 && c[3] < 31, [(0, 1), (3, 1)]),
    ];
    for (name, condition, changes) in cheats {
        let mut f = Forgery::of("saturated");
        let u = f.gadget("max", 0, condition);
        f.add(u, &changes);
        f.linear_constraint(2, u.index, changes[0].1);
        f.rejected_by(&[name]);
    }
}

#[test]
fn a_clamped_maximum_is_one_of_the_operands() {
    let mut f = Forgery::of("saturated");
    // Every distance grows with the value.
    let u = f.gadget("max", 0, |c| {
        c[0] < 31 && c[1..5] == [0; 4] && (0..4).all(|i| c[5 + 3 * i] < 31)
    });
    let mut changes = vec![(0, 1)];
    changes.extend((0..4).map(|i| (5 + 3 * i, 1)));
    f.add(u, &changes);
    f.linear_constraint(2, u.index, 1);
    f.rejected_by(&["maximum is one of the operands"]);
}

#[test]
fn parts_at_the_lower_bound_exclude_each_other() {
    let mut f = Forgery::of("elementwise");
    // Cells: above lo, below lo, below hi, above hi.
    let u = f.gadget("clip", 0, |c| c[2] > 0);
    f.add(u, &[(0, 1), (1, 1), (2, -1)]);
    f.linear_constraint(1, u.index, 1);
    f.rejected_by(&["parts above and below the lower bound exclude each other"]);
}

#[test]
fn distance_to_the_upper_bound_is_right() {
    let mut f = Forgery::of("elementwise");
    let u = f.gadget("clip", 0, |c| c[2] > 0);
    f.add(u, &[(2, 1)]);
    f.linear_constraint(1, u.index, -1);
    f.rejected_by(&["distance to the upper bound"]);
}

#[test]
fn parts_at_the_upper_bound_exclude_each_other() {
    let mut f = Forgery::of("elementwise");
    let u = f.gadget("clip", 0, |c| c[3] > 0);
    f.add(u, &[(2, 1), (3, 1)]);
    f.linear_constraint(1, u.index, -1);
    f.rejected_by(&["parts below and above the upper bound exclude each other"]);
}

#[test]
fn product_is_rounded_right() {
    // Cells: operands, two limbs of the result, remainder.
    for change in [(2, 1), (2, -1)] {
        let mut f = Forgery::of("elementwise");
        let u = f.gadget("mul", 0, |c| c[2] > 0 && c[2] < 31);
        f.add(u, &[change]);
        f.linear_constraint(0, u.index, change.1);
        f.rejected_by(&["result is the rounded product"]);
    }
    let mut f = Forgery::of("elementwise");
    let u = f.gadget("mul", 0, |c| c[4] < 31);
    f.add(u, &[(4, 1)]);
    f.rejected_by(&["result is the rounded product"]);
}

#[test]
fn quotient_is_right() {
    // Cells: n, d, two limbs of y, two of r, two of r'.
    let mut f = Forgery::of("elementwise");
    let u = f.gadget("div", 0, |c| c[2] < 31);
    f.add(u, &[(2, 1)]);
    f.linear_constraint(3, u.index, 1);
    f.rejected_by(&["result is the rounded quotient"]);
}

#[test]
fn remainder_is_less_than_twice_the_denominator() {
    // The quotient less one, and a remainder that makes up for it.
    let mut f = Forgery::of("elementwise");
    let u = f.gadget("div", 0, |c| c[2] > 0);
    let cells = f.cells(u);
    let r = i64::from(cells[4]) + 32 * i64::from(cells[5]) + 2 * i64::from(cells[1]);
    f.add(
        u,
        &[
            (2, -1),
            (4, r % 32 - i64::from(cells[4])),
            (5, r / 32 - i64::from(cells[5])),
        ],
    );
    f.linear_constraint(3, u.index, -1);
    f.rejected_by(&["remainder is less than twice the denominator"]);
}

#[test]
fn remainder_is_less_than_twice_the_divisor() {
    let mut f = Forgery::of("elementwise");
    // Cells: y, r, r'; the divisor is 3.
    let u = f.gadget("div_const", 0, |c| c[0] > 0);
    f.add(u, &[(0, -1), (1, 6)]);
    f.linear_constraint(2, u.index, -1);
    f.rejected_by(&["remainder is less than twice the divisor"]);
}

/// Cells of the function with four segments of four arguments: index and its multiple, value, slope,
/// fraction and its multiple, result, remainder.
const SEGMENTED: usize = 0;

#[test]
fn index_stays_within_its_table() {
    // The argument lies beyond the table, where the rows of the next table are.
    let mut f = Forgery::of("functions");
    let u = f.gadget("lut", SEGMENTED, |c| c[0] == 3 && c[4] == 3);
    let rows = f.circuit.program.tables.0.clone();
    let cells = f.cells(u);
    let (value, slope) = rows[4];
    let y = (value * 4 + slope * 3 + 2).div_euclid(4);
    let rest = (value << 5) + ((slope * 3) << 3) + 16 - (y << 5);
    let set = |cell: usize, to: i64| (cell, to - i64::from(cells[cell]));
    f.add(
        u,
        &[
            (0, 1),
            set(2, value + 16),
            set(3, slope + 16),
            set(6, y + 16),
            set(7, rest),
        ],
    );
    let input = f.gadget("plain", 0, |_| true);
    let input = super::GadgetAt {
        index: u.index,
        ..input
    };
    f.add(input, &[(0, 4)]);
    f.linear_constraint(0, u.index, y + 16 - i64::from(cells[6]));
    let failures = f.failures();
    assert!(failures.contains("index is within its table"), "{failures:?}");
    // What the second function says of the changed input is beyond its table too; nothing else fails.
    let others = ["index is within its table", CONSTRAINT_SUM];
    assert!(
        failures.iter().all(|name| others.contains(&name.as_str())),
        "{failures:?}"
    );
}

#[test]
fn fraction_stays_within_its_segment() {
    let mut f = Forgery::of("functions");
    let u = f.gadget("lut", SEGMENTED, |c| c[0] > 0);
    let cells = f.cells(u);
    let i = cells[0] as usize - 1;
    let u_new = i64::from(cells[4]) + 4;
    let (value, slope) = f.circuit.program.tables.0[i];
    let scaled = (value << 5) + ((slope * u_new) << 3) + 16;
    let (y, rest) = (scaled >> 5, scaled & 31);
    let set = |cell: usize, to: i64| (cell, to - i64::from(cells[cell]));
    f.add(
        u,
        &[
            set(0, i as i64),
            set(1, 8 * i as i64),
            set(2, value + 16),
            set(3, slope + 16),
            set(4, u_new),
            set(6, y + 16),
            set(7, rest),
        ],
    );
    f.linear_constraint(0, u.index, y + 16 - i64::from(cells[6]));
    f.rejected_by(&["fraction is within its segment"]);
}

#[test]
fn result_interpolates_the_table() {
    let mut f = Forgery::of("functions");
    let u = f.gadget("lut", SEGMENTED, |c| c[6] < 31);
    f.add(u, &[(6, 1)]);
    f.linear_constraint(0, u.index, 1);
    f.rejected_by(&["result interpolates the table"]);
}

#[test]
fn values_are_those_of_the_table() {
    // The second function has no fraction: cells are index, its multiple, value, slope.
    let mut f = Forgery::of("functions");
    let u = f.gadget("lut", 1, |c| c[2] < 31);
    f.add(u, &[(2, 1)]);
    f.linear_constraint(1, u.index, 1);
    f.rejected_by(&["inverse of the tuple"]);
    // A cheater who knows the inverse of the forged tuple fails at the sum.
    let (row, i) = (f.place(u, 0).1, f.cells(u));
    let offset = 4;
    f.edit(move |p, ch| {
        let tuple = [
            i64::from(i[0]) + offset,
            i64::from(i[2]) - 16,
            i64::from(i[3]) - 16,
        ]
        .map(super::field);
        let inverse = (ch.alpha + tuple[0] + ch.gamma * (tuple[1] + ch.gamma * tuple[2]))
            .invert()
            .unwrap();
        let functions = p.functions.as_mut().unwrap();
        let change = ch.tau * (inverse - functions[0][row]);
        functions[0][row] = inverse;
        p.sum[row + 1..].iter_mut().for_each(|s| *s += change);
    });
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn marked_element_is_the_maximum() {
    // Group 1 (elements 1, 3, 5: -5, 2, 1) linear constraints element 5. Cells: distance, marker, before.
    let mut f = Forgery::of("arg_max");
    let region = f.region("arg_max", 0);
    let gadget = |i: u32| super::GadgetAt { region, index: 3 + i };
    // Distances stay from the true maximum; the one of element 5, after the marked one by one.
    f.add(gadget(1), &[(0, 0), (1, -1), (2, 1)]);
    f.add(gadget(2), &[(1, 1)]);
    f.linear_constraint(0, 1, 1);
    let index = f.gadget("plain", 2, any);
    f.add(super::GadgetAt { index: 1, ..index }, &[(0, 1)]);
    let failures = f.failures();
    assert!(failures.contains("marked element is the maximum"), "{failures:?}");
}

#[test]
fn markers_are_bits() {
    let mut f = Forgery::of("arg_max");
    let u = f.gadget("arg_max", 0, |c| c[1] == 1);
    f.add(u, &[(1, 1)]);
    let failures = f.failures();
    assert!(
        failures.contains("marker is 0 or 1") && failures.contains(CONSTRAINT_SUM),
        "{failures:?}"
    );
}

/// A constraint without one of the tests above could be missing unnoticed.
#[test]
fn every_constraint_of_a_gadget_has_a_cheat() {
    let cheats = include_str!("gadgets.rs");
    for sample in all() {
        for region in &Forgery::new(&sample).lowered.regions {
            for constraint in &region.layout.constraints {
                assert!(
                    cheats.contains(&format!("\"{}\"", constraint.name)),
                    "expected a test in this file that breaks \"{}\" of the gadget {}, found none",
                    constraint.name,
                    region.kind.name()
                );
            }
        }
    }
}
