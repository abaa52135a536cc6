//! Batches in eight lanes.
//!
//! Coordinates keep halo2curves' Montgomery form `a 2^256`, while a product of the lanes is
//! `a b 2^-260`, so that each product of two variables gains a factor `s = 2^-4`. None of them costs a
//! multiplication to remove:
//!
//! - The running products of denominators gain `s` each, and their inverse loses it again on the
//!   way back, so that every denominator's own inverse comes out exact.
//! - The inverse of the whole product is scaled by `2^6`. Slopes come out as `s 2^6 = 2^2` times
//!   their value, their squares as `s 2^4 = 1` times, and `slope (x - x')` as `s 2^2 = 2^-2` times,
//!   which a shift makes up for.

use super::cases::{self, Case};
use super::glv::BETA;
use super::point::{Pair, Point, Term};
use super::prefetch::prefetch;
use crate::field::words::{Words, element, words};
use crate::field::{Field, Kernel, Lanes, Limbs, limbs52};
use ff::Field as _;
use halo2curves::bn256::Fq;
use std::array::from_fn;

/// Vectors that share one inversion: 2048 additions.
const BATCH: usize = 256;

/// Vectors ahead for which points are fetched into the cache.
const AHEAD: usize = 4;

/// What the inverse of a product of denominators is scaled by: `2^6` where numerators are exact,
/// and `2^10` where they are products and have the factor `s` themselves.
const SCALE_OF_SUMS: u64 = 1 << 6;
const SCALE_OF_DOUBLES: u64 = 1 << 10;

type Arithmetic<L> = Field<Fq, L>;
/// Eight values in memory, as limbs.
type Stored = [[u64; 8]; 5];

/// See [`super::Engine::add_pairs`].
pub(super) fn add_pairs<L: Lanes>(
    lanes: L,
    source: &[Point],
    pairs: &[Pair],
    out: &mut [Point],
    products: &mut Vec<Stored>,
) {
    products.resize(BATCH, [[0; 8]; 5]);
    lanes.vectorize(AddPairs {
        source,
        pairs,
        out,
        products,
    });
}

/// See [`super::Engine::double`].
pub(super) fn double<L: Lanes>(lanes: L, points: &mut [Point], products: &mut Vec<Stored>) {
    products.resize(BATCH, [[0; 8]; 5]);
    lanes.vectorize(Double { points, products });
}

/// See [`super::Engine::endomorphism`].
pub(super) fn endomorphism<L: Lanes>(lanes: L, points: &mut [Point]) {
    lanes.vectorize(Endomorphism { points });
}

struct AddPairs<'a> {
    source: &'a [Point],
    pairs: &'a [Pair],
    out: &'a mut [Point],
    products: &'a mut [Stored],
}

impl<L: Lanes> Kernel<L> for AddPairs<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        for (pairs, out) in self.pairs.chunks(8 * BATCH).zip(self.out.chunks_mut(8 * BATCH)) {
            let mut product = one(field);
            for (i, (own, before)) in pairs.chunks(8).zip(&mut *self.products).enumerate() {
                for pair in pairs.iter().skip(8 * (i + AHEAD)).take(8) {
                    prefetch(&self.source[pair[0].index()]);
                    prefetch(&self.source[pair[1].index()]);
                }
                let sums = Sums::load(field, self.source, own);
                field.store_limbs(product, before);
                product = field.mul(&field.factors(product), &field.factors(sums.denominator(field)));
            }
            let mut inverse = invert(field, product, SCALE_OF_SUMS);
            let vectors = pairs.chunks(8).zip(out.chunks_mut(8)).zip(&*self.products);
            for ((pairs, out), before) in vectors.rev() {
                let sums = Sums::load(field, self.source, pairs);
                let all = field.factors(inverse);
                let own = field.mul(&all, &field.factors(field.load_limbs(before)));
                inverse = field.mul(&all, &field.factors(sums.denominator(field)));
                sums.finish(field, own, out);
            }
        }
    }
}

/// Eight pairs to add.
struct Sums<'a, L: Lanes> {
    pairs: [Pair; 8],
    points: [[&'a Point; 8]; 2],
    x: [Limbs<L>; 2],
    /// Lanes that are no addition of two points with different `x`.
    special: u8,
}

impl<'a, L: Lanes> Sums<'a, L> {
    /// Up to eight pairs; the last one fills the lanes that are left.
    #[inline(always)]
    fn load(field: Arithmetic<L>, source: &'a [Point], pairs: &[Pair]) -> Self {
        let pairs = eight(pairs);
        let points = [side(source, &pairs, 0), side(source, &pairs, 1)];
        let x = [field.gather(xs(points[0])), field.gather(xs(points[1]))];
        let difference = field.minus(x[0], x[1]);
        let special = vanishing(field, x[0]) | vanishing(field, x[1]) | vanishing(field, difference);
        Self {
            pairs,
            points,
            x,
            special,
        }
    }

    /// The denominators of the slopes, below `2p`; 1 where there is no line.
    #[inline(always)]
    fn denominator(&self, field: Arithmetic<L>) -> Limbs<L> {
        let difference = field.sub::<1>(self.x[1], self.x[0]);
        if self.special == 0 {
            return difference;
        }
        let special = field.load(&special_denominators(&self.signed(), self.special));
        field.select(self.special, special, difference)
    }

    /// Writes the sums, given the scaled inverses of the denominators, below `3p`.
    #[inline(always)]
    fn finish(&self, field: Arithmetic<L>, inverse: Limbs<L>, out: &mut [Point]) {
        let mut terms = [0; 8];
        for (word, [a, b]) in terms.iter_mut().zip(&self.pairs) {
            *word = u64::from(a.bits()) | u64::from(b.bits()) << 32;
        }
        let terms = field.lanes.load(&terms);
        let negative = [
            field.lanes.negatives(field.lanes.shl::<63>(terms)),
            field.lanes.negatives(field.lanes.shl::<31>(terms)),
        ];
        let y = [field.gather(ys(self.points[0])), field.gather(ys(self.points[1]))];
        let y = [
            field.select(negative[0], field.neg::<1>(y[0]), y[0]),
            field.select(negative[1], field.neg::<1>(y[1]), y[1]),
        ];
        let rise = field.sub::<1>(y[1], y[0]);
        let slope = field.mul(&field.factors(rise), &field.factors(inverse));
        write(third_point(field, slope, self.x, y[0]), out);
        if self.special != 0 {
            let mut inverses = [[0; 4]; 8];
            field.store(inverse, &mut inverses);
            special_sums(&self.signed(), self.special, &inverses, out);
        }
    }

    /// The points to add, signs applied.
    #[cold]
    fn signed(&self) -> [[Point; 2]; 8] {
        from_fn(|lane| {
            [0, 1].map(|side| {
                let negative = self.pairs[lane][side].is_negative();
                Term::signed(0, negative).of(&[*self.points[side][lane]])
            })
        })
    }
}

/// `(x, y)` of eight sums, reduced: `x = slope^2 - ax - bx`, `y = slope (ax - x) - ay`, for a
/// scaled slope below `3p`.
#[inline(always)]
fn third_point<L: Lanes>(
    field: Arithmetic<L>,
    slope: Limbs<L>,
    [ax, bx]: [Limbs<L>; 2],
    ay: Limbs<L>,
) -> [[Words; 8]; 2] {
    let slope = field.factors(slope);
    // Below 5p, and what follows below 6p, 12p and 13p.
    let x = field.sub::<1>(field.sub::<1>(field.square(&slope), ax), bx);
    let run = field.sub::<5>(ax, x);
    let quarter = field.mul(&slope, &field.factors(run));
    let rise = field.shifted::<2>(quarter);
    let y = field.sub::<1>(rise, ay);
    let mut words = [[[0; 4]; 8]; 2];
    field.store(x, &mut words[0]);
    field.store(y, &mut words[1]);
    words
}

/// Writes up to eight points.
#[inline(always)]
fn write([x, y]: [[Words; 8]; 2], out: &mut [Point]) {
    for (lane, out) in out.iter_mut().enumerate() {
        *out = Point {
            x: x[lane],
            y: y[lane],
        };
    }
}

/// Up to eight pairs, the last one repeated.
#[inline(always)]
fn eight(pairs: &[Pair]) -> [Pair; 8] {
    match pairs.try_into() {
        Ok(pairs) => pairs,
        Err(_) => from_fn(|lane| pairs[lane.min(pairs.len() - 1)]),
    }
}

/// Up to eight points, the last one repeated.
#[inline(always)]
fn eight_references(points: &[Point]) -> [&Point; 8] {
    let last = points.len() - 1;
    let point = |lane: usize| &points[lane.min(last)];
    [
        point(0),
        point(1),
        point(2),
        point(3),
        point(4),
        point(5),
        point(6),
        point(7),
    ]
}

/// The first or second points of pairs.
#[inline(always)]
fn side<'a>(source: &'a [Point], pairs: &[Pair; 8], side: usize) -> [&'a Point; 8] {
    let point = |lane: usize| &source[pairs[lane][side].index()];
    [
        point(0),
        point(1),
        point(2),
        point(3),
        point(4),
        point(5),
        point(6),
        point(7),
    ]
}

#[inline(always)]
fn xs([a, b, c, d, e, f, g, h]: [&Point; 8]) -> [&Words; 8] {
    [&a.x, &b.x, &c.x, &d.x, &e.x, &f.x, &g.x, &h.x]
}

#[inline(always)]
fn ys([a, b, c, d, e, f, g, h]: [&Point; 8]) -> [&Words; 8] {
    [&a.y, &b.y, &c.y, &d.y, &e.y, &f.y, &g.y, &h.y]
}

/// Lanes whose limbs are all zero.
#[inline(always)]
fn vanishing<L: Lanes>(field: Arithmetic<L>, value: Limbs<L>) -> u8 {
    let lanes = field.lanes;
    let [a, b, c, d, e] = value.0;
    lanes.zeros(lanes.or(lanes.or(lanes.or(a, b), lanes.or(c, d)), e))
}

/// The element one in all lanes.
#[inline(always)]
fn one<L: Lanes>(field: Arithmetic<L>) -> Limbs<L> {
    field.splat(limbs52(words(&[Fq::ONE])[0]))
}

/// The inverses of eight values, scaled, in lanes. None is zero.
#[inline(always)]
fn invert<L: Lanes>(field: Arithmetic<L>, values: Limbs<L>, scale: u64) -> Limbs<L> {
    let mut elements = [[0; 4]; 8];
    field.store(values, &mut elements);
    invert_elements(&mut elements, scale);
    field.load(&elements)
}

#[inline(never)]
fn invert_elements(elements: &mut [Words; 8], scale: u64) {
    let mut product = Fq::ONE;
    let before = elements.map(|value| {
        let before = product;
        product *= element::<Fq>(value);
        before
    });
    let mut inverse = cases::invert(product) * Fq::from(scale);
    for (value, before) in elements.iter_mut().zip(before).rev() {
        let own = inverse * before;
        inverse *= element::<Fq>(*value);
        *value = words(&[own])[0];
    }
}

/// Denominators of special lanes: twice `y` for equal points, 1 where the sum is known.
#[cold]
#[inline(never)]
fn special_denominators(points: &[[Point; 2]; 8], special: u8) -> [Words; 8] {
    from_fn(|lane| {
        let denominator = match Case::of(&points[lane][0], &points[lane][1]) {
            Case::Line(_, denominator) if special >> lane & 1 == 1 => denominator,
            _ => Fq::ONE,
        };
        words(&[denominator])[0]
    })
}

/// Writes the sums of special lanes, given the scaled inverses of their denominators.
#[cold]
#[inline(never)]
fn special_sums(points: &[[Point; 2]; 8], special: u8, inverses: &[Words; 8], out: &mut [Point]) {
    let unscale = cases::invert(Fq::from(SCALE_OF_SUMS));
    for (lane, out) in out.iter_mut().enumerate() {
        if special >> lane & 1 == 1 {
            let [a, b] = &points[lane];
            *out = match Case::of(a, b) {
                Case::Line(numerator, _) => {
                    let inverse = element::<Fq>(inverses[lane]) * unscale;
                    cases::third_point(a, b, numerator * inverse)
                }
                Case::Known(sum) => sum,
            };
        }
    }
}

struct Double<'a> {
    points: &'a mut [Point],
    products: &'a mut [Stored],
}

impl<L: Lanes> Kernel<L> for Double<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        for points in self.points.chunks_mut(8 * BATCH) {
            let mut product = one(field);
            for (points, before) in points.chunks(8).zip(&mut *self.products) {
                field.store_limbs(product, before);
                let denominator = Tangents::load(field, points).denominator(field);
                product = field.mul(&field.factors(product), &field.factors(denominator));
            }
            let mut inverse = invert(field, product, SCALE_OF_DOUBLES);
            for (points, before) in points.chunks_mut(8).zip(&*self.products).rev() {
                let tangents = Tangents::load(field, points);
                let all = field.factors(inverse);
                let own = field.mul(&all, &field.factors(field.load_limbs(before)));
                inverse = field.mul(&all, &field.factors(tangents.denominator(field)));
                let square = field.square(&field.factors(tangents.x));
                // Below 9p.
                let numerator = field.add(field.add(square, square), square);
                let slope = field.mul(&field.factors(numerator), &field.factors(own));
                let doubles = third_point(field, slope, [tangents.x; 2], tangents.y);
                write(doubles, points);
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
        let points = eight_references(points);
        let (x, y) = (field.gather(xs(points)), field.gather(ys(points)));
        let identities = vanishing(field, x);
        Self { x, y, identities }
    }

    /// The denominators of the slopes, below `2p`; 1 for the identity.
    #[inline(always)]
    fn denominator(&self, field: Arithmetic<L>) -> Limbs<L> {
        field.select(self.identities, one(field), field.add(self.y, self.y))
    }
}

struct Endomorphism<'a> {
    points: &'a mut [Point],
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
