//! Doubling, and the endomorphism.

use super::super::glv::BETA;
use super::super::point::Point;
use super::{Arithmetic, BATCH, SCALE_OF_DOUBLES, invert, one, point};
use crate::field::words::words;
use crate::field::{Block, Kernel, Lanes, Limbs, eight, limbs52};
use halo2curves::bn256::Fq;

pub(super) struct Double<'a> {
    pub(super) points: &'a mut [Point],
    pub(super) products: &'a mut [Block],
}

impl<L: Lanes> Kernel<L> for Double<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        for points in self.points.chunks_mut(8 * BATCH) {
            let mut product = one(field);
            for (points, before) in points.chunks(8).zip(&mut *self.products) {
                field.store_limbs(product, &mut before.0);
                let denominator = Tangents::load(field, points).denominator(field);
                product = field.mul(&field.factors(product), &field.factors(denominator));
            }
            let mut inverse = invert(field, product, SCALE_OF_DOUBLES);
            for (points, before) in points.chunks_mut(8).zip(&*self.products).rev() {
                let tangents = Tangents::load(field, points);
                let all = field.factors(inverse);
                let own = field.mul(&all, &field.factors(field.load_limbs(&before.0)));
                inverse = field.mul(&all, &field.factors(tangents.denominator(field)));
                let square = field.square(&field.factors(tangents.x));
                // Below 9p.
                let numerator = field.add(field.add(square, square), square);
                let slope = field.factors(field.mul(&field.factors(numerator), &field.factors(own)));
                let x = point::third_x(field, &slope, [tangents.x; 2]);
                let y = point::third_y(field, &slope, [tangents.x, x], tangents.y);
                point::write(field, x, y, points);
                for (lane, point) in points.iter_mut().enumerate() {
                    if tangents.identities >> lane & 1 == 1 {
                        *point = Point::IDENTITY;
                    }
                }
            }
        }
    }
}

/// Eight points to double.
struct Tangents<L: Lanes> {
    x: Limbs<L>,
    y: Limbs<L>,
    identities: u8,
}

impl<L: Lanes> Tangents<L> {
    /// Up to eight points; the last one fills the lanes that are left.
    #[inline(always)]
    fn load(field: Arithmetic<L>, points: &[Point]) -> Self {
        let last = points.len() - 1;
        let point = |lane: usize| &points[lane.min(last)];
        let x = field.gather(eight(
            #[inline(always)]
            |lane| &point(lane).x,
        ));
        let y = field.gather(eight(
            #[inline(always)]
            |lane| &point(lane).y,
        ));
        let identities = vanishing(field, x);
        Self { x, y, identities }
    }

    /// The denominators of the slopes, below `2p`; 1 for the identity.
    #[inline(always)]
    fn denominator(&self, field: Arithmetic<L>) -> Limbs<L> {
        field.select(self.identities, one(field), field.add(self.y, self.y))
    }
}

/// Lanes whose limbs are all zero.
#[inline(always)]
fn vanishing<L: Lanes>(field: Arithmetic<L>, value: Limbs<L>) -> u8 {
    let lanes = field.lanes;
    let [a, b, c, d, e] = value.0;
    lanes.zeros(lanes.or(lanes.or(lanes.or(a, b), lanes.or(c, d)), e))
}

pub(super) struct Endomorphism<'a> {
    pub(super) points: &'a mut [Point],
}

impl<L: Lanes> Kernel<L> for Endomorphism<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        // A product loses 2^4.
        let beta = field.constant(limbs52(words(&[BETA * Fq::from(16)])[0]));
        for points in self.points.chunks_mut(8) {
            let x = Tangents::load(field, points).x;
            let mut images = [[0; 4]; 8];
            field.store(field.mul(&field.factors(x), &beta), &mut images);
            for (point, image) in points.iter_mut().zip(images) {
                point.x = image;
            }
        }
    }
}
