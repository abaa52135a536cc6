//! How the sum of two points is found.

use super::point::Point;
use crate::field::words::{Words, words};
use ff::Field;
use halo2curves::bn256::Fq;

/// What the sum of two points takes.
pub(super) enum Case {
    /// A line whose slope is this numerator over this denominator.
    Line(Fq, Fq),
    /// The sum is known without a line.
    Known(Point),
}

impl Case {
    /// Tells the cases of `a + b` apart.
    pub(super) fn of(a: &Point, b: &Point) -> Self {
        let ((ax, ay), (bx, by)) = (a.coordinates(), b.coordinates());
        if a.is_identity() {
            Self::Known(*b)
        } else if b.is_identity() {
            Self::Known(*a)
        } else if ax != bx {
            Self::Line(by - ay, bx - ax)
        } else if ay == by {
            let square = ax.square();
            Self::Line(square.double() + square, ay.double())
        } else {
            Self::Known(Point::IDENTITY)
        }
    }
}

/// The third point on the line through `a` and `b`, mirrored: their sum.
pub(super) fn third_point(a: &Point, b: &Point, slope: Fq) -> Point {
    let ((ax, ay), (bx, _)) = (a.coordinates(), b.coordinates());
    let x = slope.square() - ax - bx;
    Point::new(x, slope * (ax - x) - ay)
}

/// The inverse of a product of denominators, none of which is zero.
pub(super) fn invert(product: Fq) -> Fq {
    Option::from(product.invert()).unwrap_or(Fq::ZERO)
}

/// The Montgomery words of an element.
pub(super) fn word(element: Fq) -> Words {
    words(&[element])[0]
}
