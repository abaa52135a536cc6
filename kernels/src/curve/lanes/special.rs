//! Additions that are no line through two different points: the identity, equal and opposite points.

use super::super::cases::{self, Case};
use super::super::point::Point;
use super::{Arithmetic, SCALE_OF_SUMS};
use crate::field::words::{Words, element};
use crate::field::{Lanes, Limbs};
use ff::Field as _;
use halo2curves::bn256::Fq;
use std::array::from_fn;

/// Lanes that may be special: all that are, and of the others those few whose lowest limbs look like it.
/// For reduced coordinates, of which an identity's is 0.
#[inline(always)]
pub(super) fn suspicious<L: Lanes>(field: Arithmetic<L>, [ax, bx]: [Limbs<L>; 2]) -> u8 {
    let lanes = field.lanes;
    let (a, b) = (ax.0[0], bx.0[0]);
    lanes.zeros(a) | lanes.zeros(b) | lanes.zeros(lanes.sub(a, b))
}

/// The denominators of the slopes in these lanes, 1 where the sum is known; 1 in the others.
#[cold]
#[inline(never)]
pub(super) fn denominators(points: &[[Point; 2]; 8], special: u8) -> [Words; 8] {
    from_fn(|lane| {
        let [a, b] = &points[lane];
        match Case::of(a, b) {
            Case::Line(_, denominator) if special >> lane & 1 == 1 => cases::word(denominator),
            _ => cases::word(Fq::ONE),
        }
    })
}

/// Hands out the sums of these lanes, given the scaled inverses of their denominators.
#[cold]
#[inline(never)]
pub(super) fn sums(
    points: &[[Point; 2]; 8],
    special: u8,
    inverses: &[Words; 8],
    mut set: impl FnMut(usize, Point),
) {
    let unscale = cases::invert(Fq::from(SCALE_OF_SUMS));
    for (lane, [a, b]) in points.iter().enumerate() {
        if special >> lane & 1 == 1 {
            let sum = match Case::of(a, b) {
                Case::Line(numerator, _) => {
                    let inverse = element::<Fq>(inverses[lane]) * unscale;
                    cases::third_point(a, b, numerator * inverse)
                }
                Case::Known(sum) => sum,
            };
            set(lane, sum);
        }
    }
}
