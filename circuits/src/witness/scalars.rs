//! The scalars of the linear constraints, and where they stand in the coefficient columns.

use crate::Shape;
use crate::config::{Challenges, field};
use crate::mono::Poly;
use crate::program::Program;
use crate::scalar::{Scalar, ScalarId};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// All scalars at the challenges; `horner` evaluates a running evaluation from the scalars before it.
pub(super) fn scalars(
    nodes: &[Scalar],
    copied: &[i64],
    ch: &Challenges<Fr>,
    mut horner: impl FnMut(usize, &[Fr]) -> Fr,
) -> Vec<Fr> {
    let mut values: Vec<Fr> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let at = |id: ScalarId| values[id.0 as usize];
        let value = match *node {
            Scalar::U => ch.u,
            Scalar::V => ch.v,
            Scalar::W => ch.w,
            Scalar::Sigma => ch.sigma,
            Scalar::Tau => ch.tau,
            Scalar::One => Fr::ONE,
            Scalar::MinusOne => -Fr::ONE,
            Scalar::Half => Fr::from(2).invert().unwrap_or(Fr::ZERO),
            Scalar::Copied(j) => field(copied[j as usize]),
            Scalar::Horner(j) => horner(j as usize, &values),
            Scalar::Mac(a, b, c) => at(a) * at(b) + at(c),
        };
        values.push(value);
    }
    values
}

pub(super) fn evaluate(poly: &Poly, ch: &Challenges<Fr>) -> Fr {
    let half = Fr::from(2).invert().unwrap_or(Fr::ZERO);
    poly.terms()
        .iter()
        .map(|&(m, c)| {
            [
                (ch.u, m.u),
                (ch.v, m.v),
                (ch.w, m.w),
                (ch.sigma, m.sigma),
                (ch.tau, m.tau),
                (half, m.halves),
            ]
            .into_iter()
            .filter(|x| x.1 > 0)
            .fold(field(c), |acc, (x, e)| acc * x.pow_vartime([u64::from(e)]))
        })
        .sum()
}

/// The numbers of the scalars of every use, and of the challenge region; `none` on rows without.
pub(super) fn coefficient_column_codes(shape: &Shape, program: &Program, none: i32) -> Vec<[Vec<i32>; 2]> {
    let empty = || vec![none; shape.active_rows()];
    let code = |id: ScalarId| id.0 as i32;
    let mut columns: Vec<[Vec<i32>; 2]> = program
        .coefficient_columns
        .iter()
        .map(|uses| {
            let mut ab = [empty(), empty()];
            for u in uses {
                ab[0][u.row as usize] = code(u.a);
                ab[1][u.row as usize] = code(u.b);
            }
            ab
        })
        .collect();
    for step in program.evaluations.iter().flat_map(|r| &r.steps) {
        columns[0][0][step.row as usize] = code(step.a);
        columns[0][1][step.row as usize] = code(step.b);
    }
    for (row, cells) in challenge_region_rows(program) {
        for (i, id) in cells.into_iter().enumerate() {
            columns[i / 2][i % 2][row as usize] = code(id);
        }
    }
    columns
}

/// The scalars in the four cells of each row of the challenge region, the first two coefficient columns' `a` and `b`:
/// base scalars, then operands and result of each step.
pub(crate) fn challenge_region_rows(program: &Program) -> impl Iterator<Item = (u32, [ScalarId; 4])> + '_ {
    let base = (0..2).map(|r| std::array::from_fn(|i| ScalarId(4 * r + i as u32)));
    let steps = program.scalars.iter().enumerate().filter_map(|(i, s)| match *s {
        Scalar::Mac(a, b, c) => Some([a, b, c, ScalarId(i as u32)]),
        _ => None,
    });
    (program.challenge_region_start..).zip(base.chain(steps))
}
