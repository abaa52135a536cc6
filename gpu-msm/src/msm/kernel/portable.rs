//! The kernel over halo2curves' field arithmetic, which has assembly on x86-64.

use super::{Kernel, Term};
use crate::msm::glv::BETA;
use ff::Field;
use halo2curves::bn256::{Fq, G1Affine};

/// Additions that share one inversion: its cost, about a hundred multiplications, vanishes, and
/// the points of a batch stay in the second-level cache between the two passes.
const BATCH: usize = 1024;

/// Eight bytes at a time, on any machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

/// Coordinates; `(0, 0)` is the identity.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Point {
    x: Fq,
    y: Fq,
}

impl Point {
    fn is_identity(&self) -> bool {
        // No point of a group of odd order has y = 0.
        self.y == Fq::ZERO
    }
}

/// How the sum of two points is found.
enum Case {
    /// By a line with this denominator of the slope.
    Line(Fq),
    /// The sum is known without a line.
    Known(Point),
}

/// Tells the cases of `a + b` apart.
#[inline(always)]
fn case(a: &Point, b: &Point) -> Case {
    let dx = b.x - a.x;
    if a.is_identity() {
        Case::Known(*b)
    } else if b.is_identity() {
        Case::Known(*a)
    } else if dx != Fq::ZERO {
        Case::Line(dx)
    } else if a.y == b.y {
        Case::Line(a.y.double())
    } else {
        Case::Known(Portable::IDENTITY)
    }
}

/// `a + b`, given the inverse of the slope's denominator.
#[inline(always)]
fn add(a: &Point, b: &Point, inverse: &Fq) -> Point {
    let numerator = if a.x == b.x {
        let square = a.x.square();
        square.double() + square
    } else {
        b.y - a.y
    };
    let slope = numerator * inverse;
    let x = slope.square() - a.x - b.x;
    let y = slope * (a.x - x) - a.y;
    Point { x, y }
}

impl Kernel for Portable {
    type Point = Point;
    type Scratch = Vec<Fq>;

    const IDENTITY: Point = Point {
        x: Fq::zero(),
        y: Fq::zero(),
    };

    fn encode(self, point: &G1Affine) -> Point {
        Point {
            x: point.x,
            y: point.y,
        }
    }

    fn decode(self, point: &Point) -> G1Affine {
        G1Affine {
            x: point.x,
            y: point.y,
        }
    }

    #[inline(always)]
    fn is_identity(point: &Point) -> bool {
        point.is_identity()
    }

    #[inline(always)]
    fn take(self, source: &[Point], term: Term) -> Point {
        let Point { x, y } = source[term.index()];
        let y = if term.is_negative() { -y } else { y };
        Point { x, y }
    }

    fn add_pairs(self, source: &[Point], pairs: &[[Term; 2]], out: &mut [Point], products: &mut Vec<Fq>) {
        debug_assert_eq!(pairs.len(), out.len());
        let load = |pair: &[Term; 2]| (self.take(source, pair[0]), self.take(source, pair[1]));
        for (pairs, out) in pairs.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
            // The product of the denominators before each addition's own.
            products.clear();
            let mut product = Fq::ONE;
            for pair in pairs {
                products.push(product);
                let (a, b) = load(pair);
                if let Case::Line(denominator) = case(&a, &b) {
                    product *= denominator;
                }
            }
            let mut inverse = invert(product);
            for ((pair, out), before) in pairs.iter().zip(out).zip(&*products).rev() {
                let (a, b) = load(pair);
                *out = match case(&a, &b) {
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

    fn double(self, points: &mut [Point], products: &mut Vec<Fq>) {
        for points in points.chunks_mut(BATCH) {
            products.clear();
            let mut product = Fq::ONE;
            for point in &*points {
                products.push(product);
                if !point.is_identity() {
                    product *= point.y.double();
                }
            }
            let mut inverse = invert(product);
            for (point, before) in points.iter_mut().zip(&*products).rev() {
                if !point.is_identity() {
                    let own = inverse * before;
                    inverse *= point.y.double();
                    *point = add(point, point, &own);
                }
            }
        }
    }

    fn endomorphism(self, points: &mut [Point]) {
        for point in points {
            point.x *= BETA;
        }
    }
}

/// The inverse of a product of denominators, none of which is zero.
fn invert(product: Fq) -> Fq {
    Option::from(product.invert()).unwrap_or(Fq::ZERO)
}
