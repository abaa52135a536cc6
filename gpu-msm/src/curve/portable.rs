//! Batches over halo2curves' field arithmetic, which has assembly on x86-64.

use super::glv::BETA;
use super::point::{Pair, Point};
use crate::field::words::words;
use ff::Field;
use halo2curves::bn256::Fq;

/// Additions that share one inversion: its cost, about a hundred multiplications, vanishes, and
/// the points of a batch stay in the second-level cache between the two passes.
const BATCH: usize = 1024;

/// How the sum of two points is found.
pub(super) enum Case {
    /// By a line with this denominator of the slope.
    Line(Fq),
    /// The sum is known without a line.
    Known(Point),
}

impl Case {
    /// Tells the cases of `a + b` apart.
    #[inline(always)]
    pub(super) fn of(a: &Point, b: &Point) -> Self {
        let ((ax, ay), (bx, by)) = (a.coordinates(), b.coordinates());
        if a.is_identity() {
            Self::Known(*b)
        } else if b.is_identity() {
            Self::Known(*a)
        } else if ax != bx {
            Self::Line(bx - ax)
        } else if ay == by {
            Self::Line(ay.double())
        } else {
            Self::Known(Point::IDENTITY)
        }
    }
}

/// `a + b`, given the inverse of the slope's denominator.
#[inline(always)]
pub(super) fn add(a: &Point, b: &Point, inverse: &Fq) -> Point {
    let ((ax, ay), (bx, by)) = (a.coordinates(), b.coordinates());
    let numerator = if ax == bx {
        let square = ax.square();
        square.double() + square
    } else {
        by - ay
    };
    let slope = numerator * inverse;
    let x = slope.square() - ax - bx;
    Point::new(x, slope * (ax - x) - ay)
}

/// See [`super::Engine::add_pairs`].
pub(super) fn add_pairs(source: &[Point], pairs: &[Pair], out: &mut [Point], products: &mut Vec<Fq>) {
    let load = |pair: &Pair| (pair[0].of(source), pair[1].of(source));
    for (pairs, out) in pairs.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
        // The product of the denominators before each addition's own.
        products.clear();
        let mut product = Fq::ONE;
        for pair in pairs {
            products.push(product);
            let (a, b) = load(pair);
            if let Case::Line(denominator) = Case::of(&a, &b) {
                product *= denominator;
            }
        }
        let mut inverse = invert(product);
        for ((pair, out), before) in pairs.iter().zip(out).zip(&*products).rev() {
            let (a, b) = load(pair);
            *out = match Case::of(&a, &b) {
                Case::Line(denominator) => {
                    let own = inverse * before;
                    inverse *= denominator;
                    add(&a, &b, &own)
                }
                Case::Known(sum) => sum,
            };
        }
    }
}

/// See [`super::Engine::double`].
pub(super) fn double(points: &mut [Point], products: &mut Vec<Fq>) {
    for points in points.chunks_mut(BATCH) {
        products.clear();
        let mut product = Fq::ONE;
        for point in &*points {
            products.push(product);
            if !point.is_identity() {
                product *= point.coordinates().1.double();
            }
        }
        let mut inverse = invert(product);
        for (point, before) in points.iter_mut().zip(&*products).rev() {
            if !point.is_identity() {
                let own = inverse * before;
                inverse *= point.coordinates().1.double();
                *point = add(point, point, &own);
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

/// The inverse of a product of denominators, none of which is zero.
pub(super) fn invert(product: Fq) -> Fq {
    Option::from(product.invert()).unwrap_or(Fq::ZERO)
}
