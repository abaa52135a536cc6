//! Points in lanes.

use super::super::point::Point;
use super::Arithmetic;
use crate::field::{Factors, Lanes, Limbs};

/// `slope^2 - ax - bx`, below `5p`, for a scaled slope below `3p`.
#[inline(always)]
pub(super) fn third_x<L: Lanes>(
    field: Arithmetic<L>,
    slope: &Factors<L>,
    [ax, bx]: [Limbs<L>; 2],
) -> Limbs<L> {
    let square = field.square(slope);
    field.sub::<1>(field.sub::<1>(square, ax), bx)
}

/// `slope (ax - x) - ay`, below `13p`, for a scaled slope below `3p` and `x` of [`third_x`].
#[inline(always)]
pub(super) fn third_y<L: Lanes>(
    field: Arithmetic<L>,
    slope: &Factors<L>,
    [ax, x]: [Limbs<L>; 2],
    ay: Limbs<L>,
) -> Limbs<L> {
    // Below 6p, and what follows below 12p.
    let run = field.sub::<5>(ax, x);
    let quarter = field.mul(slope, &field.factors(run));
    field.sub::<1>(field.shifted::<2>(quarter), ay)
}

/// The words of eight points, coordinates reduced: a vector for each.
#[inline(always)]
pub(super) fn rows<L: Lanes>(field: Arithmetic<L>, x: Limbs<L>, y: Limbs<L>) -> [L::Word; 8] {
    let [a, b, c, d] = field.words(x);
    let [e, f, g, h] = field.words(y);
    field.lanes.transpose([a, b, c, d, e, f, g, h])
}

/// The point that a row holds.
#[inline(always)]
pub(super) fn of_row<L: Lanes>(field: Arithmetic<L>, row: L::Word) -> Point {
    let mut words = [0; 8];
    field.lanes.store(row, &mut words);
    Point::from_words(words)
}

/// Writes up to eight points, coordinates reduced.
#[inline(always)]
pub(super) fn write<L: Lanes>(field: Arithmetic<L>, x: Limbs<L>, y: Limbs<L>, out: &mut [Point]) {
    for (row, out) in rows(field, x, y).into_iter().zip(out) {
        *out = of_row(field, row);
    }
}
