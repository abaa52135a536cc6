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

/// Writes up to eight points, coordinates reduced.
#[inline(always)]
pub(super) fn write<L: Lanes>(field: Arithmetic<L>, x: Limbs<L>, y: Limbs<L>, out: &mut [Point]) {
    let [a, b, c, d] = field.words(x);
    let [e, f, g, h] = field.words(y);
    let rows = field.lanes.transpose([a, b, c, d, e, f, g, h]);
    for (row, out) in rows.into_iter().zip(out) {
        let mut words = [0; 8];
        field.lanes.store(row, &mut words);
        *out = Point::from_words(words);
    }
}
