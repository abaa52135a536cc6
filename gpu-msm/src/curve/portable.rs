//! Batches of single additions.
//!
//! A product keeps a core busy for about as long as its carries take to pass, but only if the next
//! one does not wait for it. So the running product of denominators is two products, of additions
//! at even and at odd places, and the second pass takes a group of additions through one
//! multiplication each before it takes any of them to the next.

use super::cases::{Case, invert, third_point, word};
use super::glv::BETA;
use super::point::{Pair, Point, Term};
use super::prefetch::prefetch;
use crate::field::scalar::{Single, add, reduce, signed, sub};
use crate::field::words::{Words, element, words};
use ff::Field;
use halo2curves::bn256::Fq;
use std::array::from_fn;

/// Additions that share one inversion: its cost, about a hundred multiplications, vanishes, and
/// the points of a batch stay in the second-level cache between the two passes.
const BATCH: usize = 1024;

/// Additions that take each step together; even.
const GROUP: usize = 8;

/// Additions ahead for which points are fetched into the cache.
const AHEAD: usize = 2 * GROUP;

/// One addition: `(x, y)` of both points with signs applied, `y` up to `p` inclusively.
#[derive(Clone, Copy)]
struct Sum {
    a: Point,
    b: Point,
    /// No addition of two points with different `x`.
    special: bool,
}

impl Sum {
    const EMPTY: Self = Self {
        a: Point::IDENTITY,
        b: Point::IDENTITY,
        special: true,
    };

    #[inline(always)]
    fn load(source: &[Point], pair: &Pair) -> Self {
        let load = |term: Term| {
            let Point { x, y } = source[term.index()];
            let y = signed::<Fq>(y, term.is_negative());
            Point { x, y }
        };
        let (a, b) = (load(pair[0]), load(pair[1]));
        let special = is_special(&a, &b);
        Self { a, b, special }
    }

    /// The denominator of the slope, at most `2p`; 1 where there is no line.
    #[inline(always)]
    fn denominator(&self) -> Words {
        if self.special {
            return self.special_denominator();
        }
        sub::<Fq, 1>(self.b.x, self.a.x)
    }

    #[cold]
    #[inline(never)]
    fn special_denominator(&self) -> Words {
        match self.case() {
            Case::Line(_, denominator) => word(denominator),
            Case::Known(_) => word(Fq::ONE),
        }
    }

    /// The numerator of the slope, at most `2p`.
    #[inline(always)]
    fn numerator(&self) -> Words {
        if self.special
            && let Case::Line(numerator, _) = self.case()
        {
            return word(numerator);
        }
        sub::<Fq, 1>(self.b.y, self.a.y)
    }

    #[cold]
    #[inline(never)]
    fn case(&self) -> Case {
        let canonical = |Point { x, y }| Point {
            x,
            y: reduce::<Fq>(y),
        };
        Case::of(&canonical(self.a), &canonical(self.b))
    }
}

/// Whether there is no line through the points, or no chord.
#[inline(always)]
fn is_special(a: &Point, b: &Point) -> bool {
    a.x == b.x || a.is_identity() || b.is_identity()
}

/// The denominator of one addition: see [`Sum::denominator`].
#[inline(always)]
fn denominator(source: &[Point], pair: &Pair) -> Words {
    let (a, b) = (&source[pair[0].index()], &source[pair[1].index()]);
    if is_special(a, b) {
        return Sum::load(source, pair).special_denominator();
    }
    sub::<Fq, 1>(b.x, a.x)
}

/// See [`super::Engine::add_pairs`].
pub(super) fn add_pairs(
    single: impl Single,
    source: &[Point],
    pairs: &[Pair],
    out: &mut [Point],
    products: &mut Vec<Words>,
) {
    for (pairs, out) in pairs.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
        // The products of the denominators at even and at odd places before each addition's own.
        products.clear();
        products.resize(pairs.len() + 2, word(Fq::ONE));
        for (i, pair) in pairs.iter().enumerate() {
            if let Some([a, b]) = pairs.get(i + AHEAD) {
                prefetch(&source[a.index()]);
                prefetch(&source[b.index()]);
            }
            products[i + 2] = single.mul::<Fq>(&products[i], &denominator(source, pair));
        }
        let (before, all) = products.split_at(pairs.len());
        let mut inverses = invert_both([all[pairs.len() % 2], all[1 - pairs.len() % 2]]);
        let groups = pairs.chunks(GROUP).zip(out.chunks_mut(GROUP));
        for ((pairs, out), before) in groups.zip(before.chunks(GROUP)).rev() {
            finish(single, source, pairs, before, &mut inverses, out);
        }
    }
}

/// The second pass over a group. `inverses` are those of the products of the denominators up to
/// the last addition of the group at even and at odd places, and then up to the last one before it.
#[inline(always)]
fn finish(
    single: impl Single,
    source: &[Point],
    pairs: &[Pair],
    before: &[Words],
    inverses: &mut [Words; 2],
    out: &mut [Point],
) {
    let mut sums = [Sum::EMPTY; GROUP];
    let sums = &mut sums[..pairs.len()];
    let mut slopes = [[0; 4]; GROUP];
    let slopes = &mut slopes[..pairs.len()];
    for (i, (pair, before)) in pairs.iter().zip(before).enumerate().rev() {
        sums[i] = Sum::load(source, pair);
        let inverse = &mut inverses[i % 2];
        slopes[i] = single.mul::<Fq>(inverse, before);
        *inverse = single.mul::<Fq>(inverse, &sums[i].denominator());
    }
    for (slope, sum) in slopes.iter_mut().zip(&*sums) {
        *slope = single.mul::<Fq>(slope, &sum.numerator());
    }
    for ((slope, sum), out) in slopes.iter().zip(&*sums).zip(&mut *out) {
        // The square is below 2p.
        let square = single.mul::<Fq>(slope, slope);
        out.x = reduce::<Fq>(sub::<Fq, 2>(square, add(sum.a.x, sum.b.x)));
    }
    for ((slope, sum), out) in slopes.iter().zip(&*sums).zip(&mut *out) {
        let run = sub::<Fq, 1>(sum.a.x, out.x);
        out.y = reduce::<Fq>(sub::<Fq, 1>(single.mul::<Fq>(slope, &run), sum.a.y));
    }
    for (sum, out) in sums.iter().zip(out) {
        if sum.special
            && let Case::Known(known) = sum.case()
        {
            *out = known;
        }
    }
}

/// The inverses of two products of denominators, below `2p`, none of which is zero.
fn invert_both(products: [Words; 2]) -> [Words; 2] {
    let [even, odd] = products.map(|product| element::<Fq>(reduce::<Fq>(product)));
    let inverse = invert(even * odd);
    [word(inverse * odd), word(inverse * even)]
}

/// See [`super::Engine::double`].
pub(super) fn double(points: &mut [Point]) {
    for points in points.chunks_mut(BATCH) {
        let mut product = Fq::ONE;
        let mut before: [Fq; BATCH] = from_fn(|_| Fq::ZERO);
        for (point, before) in points.iter().zip(&mut before) {
            *before = product;
            if !point.is_identity() {
                product *= point.coordinates().1.double();
            }
        }
        let mut inverse = invert(product);
        for (point, before) in points.iter_mut().zip(before).rev() {
            if let Case::Line(numerator, denominator) = Case::of(point, point) {
                let slope = numerator * inverse * before;
                inverse *= denominator;
                *point = third_point(point, point, slope);
            }
        }
    }
}

/// See [`super::Engine::endomorphism`].
pub(super) fn endomorphism(points: &mut [Point]) {
    for point in points {
        point.x = words(&[point.coordinates().0 * BETA])[0];
    }
}
