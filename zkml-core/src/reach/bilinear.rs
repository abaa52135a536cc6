//! Matrix products and convolutions of intervals.
//!
//! Both are sums of products `a b`. With `a` in `[c - r, c + r]` and `b` known, the sum lies in
//! `f(c, b) +- f(r, |b|)`, which is attained. Centres and radii are doubled, so that they are integers.

use super::interval::Intervals;
use crate::{bounds::interval::LIMIT, tensor::IntTensor};

/// The intervals of a product, which `eval` computes for known operands.
pub(crate) fn reach(
    left: &Intervals,
    right: &Intervals,
    eval: impl Fn(&IntTensor, &IntTensor) -> Vec<i64>,
    out: &[usize],
) -> Intervals {
    if right.is_point() {
        let (centre, radius) = doubled(left);
        let ends = (eval(&centre, &right.lo), eval(&radius, &map(&right.lo, i64::abs)));
        return halved(out, ends);
    }
    if left.is_point() {
        let (centre, radius) = doubled(right);
        let ends = (eval(&left.lo, &centre), eval(&map(&left.lo, i64::abs), &radius));
        return halved(out, ends);
    }
    // |a b - c d| <= |c| s + r |d| + r s for a within r of c and b within s of d.
    let (a, r) = rounded(left);
    let (b, s) = rounded(right);
    let centre = eval(&a, &b);
    let parts = [
        eval(&map(&a, i64::abs), &s),
        eval(&r, &map(&b, i64::abs)),
        eval(&r, &s),
    ];
    let ends = centre.into_iter().enumerate().map(|(i, centre)| {
        let radius: i128 = parts.iter().map(|part| i128::from(part[i])).sum();
        let end = |end: i128| end.clamp(-LIMIT, LIMIT) as i64;
        (end(i128::from(centre) - radius), end(i128::from(centre) + radius))
    });
    Intervals::collect(out, ends)
}

/// Twice the centre and twice the radius of each element.
fn doubled(x: &Intervals) -> (IntTensor, IntTensor) {
    let shape = x.lo.shape();
    let centre = x.ends().map(|(lo, hi)| lo + hi).collect();
    let radius = x.ends().map(|(lo, hi)| hi - lo).collect();
    (IntTensor::of(shape, centre), IntTensor::of(shape, radius))
}

/// The intervals with these doubled centres and radii. The ends are integers: both are odd, or both are even.
fn halved(shape: &[usize], (centre, radius): (Vec<i64>, Vec<i64>)) -> Intervals {
    let ends = centre.into_iter().zip(radius).map(|(centre, radius)| {
        let (centre, radius) = (i128::from(centre), i128::from(radius));
        // Ends are values of accumulators, which have less than 62 bits.
        (((centre - radius) / 2) as i64, ((centre + radius) / 2) as i64)
    });
    Intervals::collect(shape, ends)
}

/// The centre of each element, rounded down, and a radius that reaches both ends.
fn rounded(x: &Intervals) -> (IntTensor, IntTensor) {
    let shape = x.lo.shape();
    let centre = |(lo, hi): (i64, i64)| lo + (hi - lo) / 2;
    let radius = |(lo, hi): (i64, i64)| hi - centre((lo, hi));
    (
        IntTensor::of(shape, x.ends().map(centre).collect()),
        IntTensor::of(shape, x.ends().map(radius).collect()),
    )
}

fn map(x: &IntTensor, f: impl Fn(i64) -> i64) -> IntTensor {
    IntTensor::of(x.shape(), x.data().iter().map(|&v| f(v)).collect())
}
