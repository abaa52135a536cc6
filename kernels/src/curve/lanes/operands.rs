//! What batches of additions read and write: eight additions to a vector.

use super::super::point::{Octet, Pair, Point};
use super::super::prefetch::{Cache, prefetch};
use super::{Arithmetic, point};
use crate::field::words::Words;
use crate::field::{Lanes, Limbs, eight};
use std::array::from_fn;

/// The points to add. Coordinates are reduced.
pub(super) trait Operands: Copy {
    /// Number of vectors.
    fn vectors(self) -> usize;
    /// Starts to load the points of a whole vector into a cache.
    fn prefetch(self, vector: usize, cache: Cache);
    /// `x` and `y` of the first and of the second points, signs applied: `x` reduced, `y` at most `p`.
    fn coordinates<L: Lanes>(self, field: Arithmetic<L>, vector: usize) -> [[Limbs<L>; 2]; 2];
    /// The points of all lanes.
    fn points(self, vector: usize) -> [[Point; 2]; 8];
}

/// Where sums go.
pub(super) trait Sums {
    /// Writes a vector of sums: coordinates below `16p`.
    fn write<L: Lanes>(&mut self, field: Arithmetic<L>, vector: usize, x: Limbs<L>, y: Limbs<L>);
    /// Writes one sum.
    fn set(&mut self, vector: usize, lane: usize, point: Point);
}

/// Pairs of terms of a slice; the last pair fills the lanes that are left.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) source: &'a [Point],
    pub(super) pairs: &'a [Pair],
}

impl Terms<'_> {
    #[inline(always)]
    fn pairs(self, vector: usize) -> [Pair; 8] {
        let pairs = &self.pairs[8 * vector..];
        match pairs.first_chunk() {
            Some(pairs) => *pairs,
            None => from_fn(|lane| pairs[lane.min(pairs.len() - 1)]),
        }
    }

    /// The first or second points of pairs.
    #[inline(always)]
    fn side(&self, pairs: &[Pair; 8], side: usize) -> [&Point; 8] {
        eight(
            #[inline(always)]
            |lane| &self.source[pairs[lane][side].index()],
        )
    }

    /// The coordinates of the first or second points of pairs, those of some lanes negated.
    #[inline(always)]
    fn gather<L: Lanes>(
        &self,
        field: Arithmetic<L>,
        pairs: &[Pair; 8],
        side: usize,
        negative: u8,
    ) -> [Limbs<L>; 2] {
        let points = self.side(pairs, side);
        let [x, y] = [field.gather(xs(points)), field.gather(ys(points))];
        [x, field.select(negative, field.neg::<1>(y), y)]
    }
}

impl Operands for Terms<'_> {
    #[inline(always)]
    fn vectors(self) -> usize {
        self.pairs.len().div_ceil(8)
    }

    #[inline(always)]
    fn prefetch(self, vector: usize, cache: Cache) {
        let pairs = self.pairs.get(8 * vector..).and_then(<[Pair]>::first_chunk::<8>);
        for pair in pairs.into_iter().flatten() {
            prefetch(self.source, pair[0].index(), cache);
            prefetch(self.source, pair[1].index(), cache);
        }
    }

    #[inline(always)]
    fn coordinates<L: Lanes>(self, field: Arithmetic<L>, vector: usize) -> [[Limbs<L>; 2]; 2] {
        let pairs = self.pairs(vector);
        let mut terms = [0; 8];
        for (word, [a, b]) in terms.iter_mut().zip(pairs) {
            *word = u64::from(a.bits()) | u64::from(b.bits()) << 32;
        }
        let terms = field.lanes.load(&terms);
        let negative = [
            field.lanes.negatives(field.lanes.shl::<63>(terms)),
            field.lanes.negatives(field.lanes.shl::<31>(terms)),
        ];
        [
            self.gather(field, &pairs, 0, negative[0]),
            self.gather(field, &pairs, 1, negative[1]),
        ]
    }

    #[cold]
    fn points(self, vector: usize) -> [[Point; 2]; 8] {
        self.pairs(vector)
            .map(|pair| pair.map(|term| term.of(self.source)))
    }
}

/// Pairs of octets of a slice, lane by lane.
#[derive(Clone, Copy)]
pub(super) struct Octets<'a> {
    pub(super) source: &'a [Octet],
    pub(super) pairs: &'a [Pair],
}

impl Octets<'_> {
    #[inline(always)]
    fn pair(&self, vector: usize) -> [&Octet; 2] {
        let [a, b] = self.pairs[vector];
        [&self.source[a.index()], &self.source[b.index()]]
    }
}

impl Operands for Octets<'_> {
    #[inline(always)]
    fn vectors(self) -> usize {
        self.pairs.len()
    }

    /// They are next to each other in memory.
    #[inline(always)]
    fn prefetch(self, _: usize, _: Cache) {}

    #[inline(always)]
    fn coordinates<L: Lanes>(self, field: Arithmetic<L>, vector: usize) -> [[Limbs<L>; 2]; 2] {
        let [a, b] = self.pair(vector);
        [
            [field.load_limbs(&a.x.0), field.load_limbs(&a.y.0)],
            [field.load_limbs(&b.x.0), field.load_limbs(&b.y.0)],
        ]
    }

    #[cold]
    fn points(self, vector: usize) -> [[Point; 2]; 8] {
        let [a, b] = self.pair(vector);
        from_fn(|lane| [a.point(lane), b.point(lane)])
    }
}

impl Sums for &mut [Point] {
    #[inline(always)]
    fn write<L: Lanes>(&mut self, field: Arithmetic<L>, vector: usize, x: Limbs<L>, y: Limbs<L>) {
        let out = &mut self[8 * vector..];
        let count = out.len().min(8);
        point::write(field, x, y, &mut out[..count]);
    }

    #[cold]
    fn set(&mut self, vector: usize, lane: usize, point: Point) {
        if let Some(out) = self.get_mut(8 * vector + lane) {
            *out = point;
        }
    }
}

impl Sums for &mut [Octet] {
    #[inline(always)]
    fn write<L: Lanes>(&mut self, field: Arithmetic<L>, vector: usize, x: Limbs<L>, y: Limbs<L>) {
        let out = &mut self[vector];
        field.store_limbs(field.reduce(x), &mut out.x.0);
        field.store_limbs(field.reduce(y), &mut out.y.0);
    }

    #[cold]
    fn set(&mut self, vector: usize, lane: usize, point: Point) {
        self[vector].set(lane, &point);
    }
}

#[inline(always)]
pub(super) fn xs([a, b, c, d, e, f, g, h]: [&Point; 8]) -> [&Words; 8] {
    [&a.x, &b.x, &c.x, &d.x, &e.x, &f.x, &g.x, &h.x]
}

#[inline(always)]
pub(super) fn ys([a, b, c, d, e, f, g, h]: [&Point; 8]) -> [&Words; 8] {
    [&a.y, &b.y, &c.y, &d.y, &e.y, &f.y, &g.y, &h.y]
}
