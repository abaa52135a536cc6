//! Cheats that change several cells so that as much as possible still holds.

use super::{CONSTRAINT_SUM, Forgery, GadgetAt};

#[test]
fn remainders_beyond_their_limbs_are_no_values_of_the_table() {
    // y - 1 with r + 2^(R b): every equation holds, and the upper limb of r is out of range.
    let mut f = Forgery::of("dense_row");
    let u = f.gadget("rescale", 0, |c| c[0] > 0);
    f.add(u, &[(0, -1), (5, 32)]);
    f.linear_constraint(0, u.index, -1);
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn halves_round_up_and_not_down() {
    // 4 / 8 = 0.5 is 1, and -4 / 8 = -0.5 is 0; one less takes a remainder of 32 in a limb of 5 bits.
    for element in 0..2 {
        let mut f = Forgery::of("halves");
        let u = GadgetAt {
            region: f.region("rescale", 0),
            index: element,
        };
        assert_eq!(f.cells(u)[1], 0, "a half leaves no remainder");
        f.add(u, &[(0, -1), (1, 32)]);
        f.linear_constraint(0, element, -1);
        f.rejected_by(&[CONSTRAINT_SUM]);
    }
}

#[test]
fn wrapped_limbs_are_out_of_range() {
    // A limb more and the one below it less: 32 in the lower limb is no value of the table.
    let mut f = Forgery::of("dense_batch");
    let u = f.gadget("rescale", 0, |c| c[1] > 0);
    f.add(u, &[(0, 32), (1, -1)]);
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn weights_do_not_swap() {
    for (name, region) in [("dense_row", 1), ("dense_batch", 1), ("convolution", 1)] {
        let mut f = Forgery::of(name);
        let first = f.gadget("plain", region, |_| true);
        let value = f.cells(first)[0];
        let other = f.gadget("plain", region, |c| c[0] != value);
        let by = i64::from(f.cells(other)[0]) - i64::from(value);
        f.add(first, &[(0, by)]);
        f.add(other, &[(0, -by)]);
        f.rejected_by(&[CONSTRAINT_SUM]);
    }
}

#[test]
fn copy_cells_do_not_swap() {
    let mut f = Forgery::of("dense_row");
    f.witness().copied.swap(0, 1);
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn activations_and_their_copy_cells_are_bound_to_the_product() {
    let mut f = Forgery::of("dense_row");
    let input = f.gadget("plain", 0, |c| c[0] < 31);
    f.add(input, &[(0, 1)]);
    f.witness().copied[input.index as usize] += 1;
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn an_output_and_the_matching_remainder_do_not_change_without_the_product() {
    let mut f = Forgery::of("dense_batch");
    let u = f.gadget("rescale", 1, |c| c[0] < 31 && c[2] < 31);
    f.add(u, &[(0, 1)]);
    f.linear_constraint(0, u.index, 1);
    f.rejected_by(&[CONSTRAINT_SUM]);
    f.add(u, &[(0, -1), (2, 1)]);
    f.linear_constraint(0, u.index, -1);
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn outputs_do_not_trade_places() {
    // The same multiset of outputs, two of them exchanged in cells and public values.
    let mut f = Forgery::of("dynamic_products");
    let region = f.region("rescale", 0);
    let (first, cells) = (
        GadgetAt { region, index: 0 },
        f.cells(GadgetAt { region, index: 0 }),
    );
    let other = f.gadget("rescale", 0, |c| c[0] != cells[0]);
    let theirs = f.cells(other);
    let by: Vec<i64> = cells
        .iter()
        .zip(&theirs)
        .map(|(&a, &b)| i64::from(b) - i64::from(a))
        .collect();
    let there: Vec<(usize, i64)> = by.iter().copied().enumerate().collect();
    let back: Vec<(usize, i64)> = by.iter().map(|b| -b).enumerate().collect();
    f.add(first, &there);
    f.add(other, &back);
    f.linear_constraint(0, first.index, by[0] + 32 * by[1]);
    f.linear_constraint(0, other.index, -by[0] - 32 * by[1]);
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn spare_terms_of_a_convolution_are_determined() {
    let mut f = Forgery::of("convolution");
    // Regions of plain cells: input, spare terms, kernel, ...; the spare ones have several limbs.
    let spare = f.lowered.regions.iter().position(|b| {
        b.args
            .iter()
            .any(|a| matches!(a, crate::regions::ArgSource::Aux(_)))
    });
    let u = GadgetAt {
        region: spare.expect("a convolution with stride has spare terms"),
        index: 3,
    };
    let change = if f.cells(u)[0] < 31 { 1 } else { -1 };
    f.add(u, &[(0, change)]);
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn the_later_of_two_largest_is_not_the_index() {
    // Group 0 holds 3, 9, 9: the honest index is 1. Cells: distance, marker, before.
    let mut f = Forgery::of("arg_max");
    let region = f.region("arg_max", 0);
    let gadget = |index| GadgetAt { region, index };
    f.add(gadget(1), &[(1, -1), (2, 1)]);
    f.add(gadget(2), &[(1, 1)]);
    let index = f.gadget("plain", 2, |_| true);
    f.add(index, &[(0, 1)]);
    f.linear_constraint(0, 0, 1);
    // Element 1 would need the distance -1.
    f.rejected_by(&[CONSTRAINT_SUM]);
}
