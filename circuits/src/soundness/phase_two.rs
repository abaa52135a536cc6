//! Columns of phase 2 that are not what phase 1 and the challenges determine.

use super::{CONSTRAINT_SUM, COPY, Forgery};
use halo2_proofs::halo2curves::bn256::Fr;

const RUN: &str = "running evaluation is the one before plus a b pattern";
const STRIP: &str = "result is a b + c";
const STEP: &str = "step";

fn one() -> Fr {
    Fr::one()
}

#[test]
fn helpers_are_inverses() {
    let mut f = Forgery::of("dense_row");
    f.edit(|p, _| {
        p.helpers[1][3] += one();
        p.sum[4..].iter_mut().for_each(|s| *s += one());
    });
    f.rejected_by(&["inverses of the lane cells", CONSTRAINT_SUM]);
    f.edit(|p, _| {
        // Two errors that cancel in the sum.
        p.helpers[1][3] += one();
        p.helpers[0][3] -= one();
    });
    f.rejected_by(&["inverses of the lane cells"]);
}

#[test]
fn lanes_are_checked_on_rows_that_nothing_uses() {
    let mut f = Forgery::of("dense_row");
    let row = f.circuit.shape.active_rows() - 1;
    f.witness().lanes[0][row] = 32;
    f.recount();
    f.rejected_by(&[CONSTRAINT_SUM]);
    f.witness().lanes[0][row] = 31;
    f.recount();
    f.accepted();
}

#[test]
fn table_sides_are_multiplicities_over_table_rows() {
    let mut f = Forgery::of("functions");
    f.edit(|p, _| {
        p.table_helper[2] += one();
        p.helpers[0][2] += one();
    });
    f.rejected_by(&["inverse times multiplicity", "inverses of the lane cells"]);
    f.edit(|p, ch| {
        p.functions.as_mut().unwrap()[1][2] += one();
        p.sum[3..].iter_mut().for_each(|s| *s -= ch.tau);
    });
    f.rejected_by(&["inverse times multiplicity", CONSTRAINT_SUM]);
}

#[test]
fn the_linear_constraint_sum_steps_on_every_row_from_zero_to_zero() {
    let mut f = Forgery::of("dense_row");
    let rows = f.circuit.shape.active_rows();
    for row in [1, rows / 2, rows - 1] {
        f.edit(move |p, _| p.sum[row] += one());
        f.rejected_by(&[STEP]);
    }
    f.edit(|p, _| p.sum.iter_mut().for_each(|s| *s += one()));
    f.rejected_by(&["starts at 0", CONSTRAINT_SUM]);
    // A false linear constraint, and a jump that hides it on a row where nothing else happens.
    f.linear_constraint(0, 0, 1);
    f.edit(move |p, _| *p.sum.last_mut().unwrap() = Fr::zero());
    f.rejected_by(&[STEP]);
}

#[test]
fn runs_add_up_what_is_in_their_rows() {
    let mut f = Forgery::of("convolution");
    let steps = f.circuit.program.evaluations[1].steps.clone();
    assert!(steps.len() > 1);
    let (first, last) = (steps[0].row as usize, steps[steps.len() - 1].row as usize);
    f.edit(move |p, _| p.horner[first] += one());
    f.rejected_by(&[RUN]);
    // A result that is wrong from its first row on, copied as it is nowhere.
    f.edit(move |p, _| (first..=last).for_each(|row| p.horner[row] += one()));
    f.rejected_by(&[RUN, COPY]);
    // A running evaluation that starts from where the one before it ends.
    f.edit(move |p, _| {
        let before = p.horner[first - 1];
        (first..=last).for_each(|row| p.horner[row] += before);
    });
    f.rejected_by(&[RUN, COPY]);
}

#[test]
fn scalars_are_copies_on_every_coefficient_column() {
    let honest = Forgery::of("pooled_convolution");
    for (coefficient_column, uses) in honest.circuit.program.coefficient_columns.iter().enumerate() {
        for u in uses.iter().step_by(5) {
            for side in 0..2 {
                let mut f = honest.clone();
                let row = u.row as usize;
                f.edit(move |p, _| p.coefficient_columns[coefficient_column][side][row] += one());
                let failures = f.failures();
                assert!(
                    failures.contains(COPY),
                    "coefficient column {coefficient_column}, row {row}: {failures:?}"
                );
            }
        }
    }
    for horner in &honest.circuit.program.evaluations {
        for step in &horner.steps {
            let (mut f, row) = (honest.clone(), step.row as usize);
            f.edit(move |p, _| p.coefficient_columns[0][0][row] += one());
            f.rejected_by(&[COPY, RUN]);
        }
    }
}

#[test]
fn challenge_region_computes_what_it_says_from_copies() {
    let honest = Forgery::of("convolution");
    let start = honest.circuit.program.challenge_region_start as usize;
    let names = [["v", "w", "sigma", "tau"], ["1", "1/2", "u", "-1"]];
    for (r, names) in names.iter().enumerate() {
        for (i, name) in names.iter().enumerate() {
            let mut f = honest.clone();
            f.edit(move |p, _| p.coefficient_columns[i / 2][i % 2][start + r] += one());
            let failures = f.failures();
            assert!(failures.contains(*name), "{name}: {failures:?}");
        }
    }
    let rows = crate::witness::challenge_region_rows(&honest.circuit.program).count();
    for row in (start + 2..start + rows).step_by(3) {
        for i in 0..4 {
            let mut f = honest.clone();
            f.edit(move |p, _| p.coefficient_columns[i / 2][i % 2][row] += one());
            let failures = f.failures();
            let changed = failures.contains(STRIP) || failures.contains(COPY);
            assert!(
                changed && (i < 3 || failures.contains(STRIP)),
                "row {row}, cell {i}: {failures:?}"
            );
        }
    }
}
