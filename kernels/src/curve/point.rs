//! Points in memory, and how batches refer to them.

use crate::field::words::Words;
use crate::field::words::{element, words};
use crate::field::{Block, limbs52, words52};
use crate::memory;
use halo2curves::bn256::{Fq, G1Affine};
use rayon::prelude::*;

/// An affine point: the Montgomery words of its coordinates, as halo2curves has them, in one cache
/// line. The identity is `(0, 0)`; no other point has `x = 0`, since 3 is not a square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Point {
    pub(crate) x: Words,
    pub(crate) y: Words,
}

impl Point {
    /// The neutral element.
    pub(crate) const IDENTITY: Self = Self { x: [0; 4], y: [0; 4] };

    /// Whether this is the neutral element.
    #[inline(always)]
    pub(crate) fn is_identity(&self) -> bool {
        self.x == [0; 4]
    }

    /// From coordinates.
    #[inline(always)]
    pub(super) fn new(x: Fq, y: Fq) -> Self {
        let [x, y] = [words(&[x])[0], words(&[y])[0]];
        Self { x, y }
    }

    /// From the words of both coordinates.
    #[inline(always)]
    pub(super) fn from_words([a, b, c, d, e, f, g, h]: [u64; 8]) -> Self {
        Self {
            x: [a, b, c, d],
            y: [e, f, g, h],
        }
    }

    /// The coordinates.
    #[inline(always)]
    pub(super) fn coordinates(&self) -> (Fq, Fq) {
        (element(self.x), element(self.y))
    }
}

impl From<&G1Affine> for Point {
    fn from(point: &G1Affine) -> Self {
        Self::new(point.x, point.y)
    }
}

impl From<&Point> for G1Affine {
    fn from(point: &Point) -> Self {
        let (x, y) = point.coordinates();
        Self { x, y }
    }
}

/// Eight points in lanes, limb by limb: coordinates reduced, those of identities 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Octet {
    pub(super) x: Block,
    pub(super) y: Block,
}

impl Octet {
    /// The point in a lane.
    pub(super) fn point(&self, lane: usize) -> Point {
        let words = |block: &Block| words52(block.0.map(|limb| limb[lane]));
        Point {
            x: words(&self.x),
            y: words(&self.y),
        }
    }

    /// Writes the point in a lane.
    pub(super) fn set(&mut self, lane: usize, point: &Point) {
        for (block, words) in [(&mut self.x, point.x), (&mut self.y, point.y)] {
            for (limbs, limb) in block.0.iter_mut().zip(limbs52(words)) {
                limbs[lane] = limb;
            }
        }
    }
}

/// A point of a source slice, or its negative: the index doubled, plus one if negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Term(u32);

impl Term {
    /// Most points that a source slice may have.
    pub(crate) const MAX_SOURCE: usize = 1 << 31;

    /// The point at `index`, as it is.
    #[inline(always)]
    pub(crate) const fn plus(index: usize) -> Self {
        Self((index as u32) << 1)
    }

    /// The point at `index`, negated if `negative`.
    #[inline(always)]
    pub(crate) const fn signed(index: usize, negative: bool) -> Self {
        Self((index as u32) << 1 | negative as u32)
    }

    /// Place in the source slice.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether the point counts negated.
    #[inline(always)]
    pub(crate) const fn is_negative(self) -> bool {
        self.0 & 1 == 1
    }

    /// The doubled index and the sign.
    #[inline(always)]
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    /// The point that the term denotes.
    #[inline(always)]
    pub(crate) fn of(self, source: &[Point]) -> Point {
        let point = source[self.index()];
        // The identity's y is 0, which is its own negative.
        let y = if self.is_negative() {
            words(&[-element::<Fq>(point.y)])[0]
        } else {
            point.y
        };
        Point { x: point.x, y }
    }
}

/// Two terms to add.
pub(crate) type Pair = [Term; 2];

/// Converts many points.
pub(crate) fn encode(points: &[G1Affine]) -> Vec<Point> {
    let mut encoded = memory::with_capacity(points.len());
    points
        .par_iter()
        .with_min_len(1 << 12)
        .map(Point::from)
        .collect_into_vec(&mut encoded);
    encoded
}

/// Converts many points back.
pub(crate) fn decode(points: &[Point]) -> Vec<G1Affine> {
    points
        .par_iter()
        .with_min_len(1 << 12)
        .map(G1Affine::from)
        .collect()
}
