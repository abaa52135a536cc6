//! Sums of pairs of points.
//!
//! A product keeps a core busy for about as long as its carries take to pass, but only if the next one does not wait
//! for it, and what it waits for must be near in the instructions. So the second pass takes a group of vectors through
//! one product each before it takes any of them to the next.

use super::super::point::{Pair, Point};
use super::super::prefetch::prefetch;
use super::{Arithmetic, BATCH, SCALE_OF_SUMS, invert, one, point, special};
use crate::field::words::Words;
use crate::field::{Block, Kernel, Lanes, Limbs, eight};
use std::array::from_fn;

/// Vectors that take each step together.
pub(super) const GROUP: usize = 4;

/// Vectors ahead for which points are fetched into the cache.
const AHEAD: usize = 4;

pub(super) struct AddPairs<'a> {
    pub(super) source: &'a [Point],
    pub(super) pairs: &'a [Pair],
    pub(super) out: &'a mut [Point],
    pub(super) records: &'a mut [Record],
    pub(super) states: &'a mut [State; GROUP],
}

/// What the second pass over a batch needs of the first one, for each vector.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    /// The product of the denominators of the vectors before, carried from limb to limb.
    before: Block,
    /// The denominators of the slopes, below `2p`; 1 where there is no line.
    denominator: Block,
    /// Lanes that may be no line through two different points.
    special: u8,
}

/// A vector of additions between the steps of the second pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// The first point: coordinates at most `p`.
    x: Block,
    y: Block,
    /// The scaled inverse of the denominator, below `3p`.
    inverse: Block,
    /// The scaled slope, below `3p`, carried from limb to limb.
    slope: Block,
    /// The first coordinate of the sum, below `5p` in lanes that are not special.
    third: Block,
}

impl<L: Lanes> Kernel<L> for AddPairs<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        let vectors = Vectors {
            field,
            source: self.source,
        };
        for (pairs, out) in self.pairs.chunks(8 * BATCH).zip(self.out.chunks_mut(8 * BATCH)) {
            let product = vectors.prepare(pairs, self.records);
            let mut inverse = invert(field, product, SCALE_OF_SUMS);
            let groups = pairs.chunks(8 * GROUP).zip(out.chunks_mut(8 * GROUP));
            let records = self.records[..pairs.len().div_ceil(8)].chunks(GROUP);
            for ((pairs, out), records) in groups.zip(records).rev() {
                inverse = vectors.finish(inverse, pairs, records, out, self.states);
            }
        }
    }
}

/// What the steps need.
#[derive(Clone, Copy)]
struct Vectors<'a, L: Lanes> {
    field: Arithmetic<L>,
    source: &'a [Point],
}

impl<L: Lanes> Vectors<'_, L> {
    /// Fills the records; returns the product of all denominators.
    #[inline(always)]
    fn prepare(self, pairs: &[Pair], records: &mut [Record]) -> Limbs<L> {
        let field = self.field;
        let mut product = one(field);
        for (i, (own, record)) in pairs.chunks(8).zip(records).enumerate() {
            for pair in pairs.get(8 * (i + AHEAD)..).unwrap_or_default().iter().take(8) {
                prefetch(self.source, pair[0].index());
                prefetch(self.source, pair[1].index());
            }
            let own = pairs_of(own);
            let x = self.x(&own);
            record.special = special::suspicious(field, x);
            let denominator = field.carry(self.denominator(&own, x, record.special));
            let before = field.propagate(product);
            field.store_limbs(before, &mut record.before.0);
            field.store_limbs(denominator, &mut record.denominator.0);
            product = field.mul(&field.propagated(before), &field.propagated(denominator));
        }
        product
    }

    /// Writes the sums of a group, given the scaled inverse of the product of all denominators up to here; returns that
    /// of the product before the group.
    #[inline(always)]
    fn finish(
        self,
        mut inverse: Limbs<L>,
        pairs: &[Pair],
        records: &[Record],
        out: &mut [Point],
        states: &mut [State; GROUP],
    ) -> Limbs<L> {
        let field = self.field;
        let vectors = || pairs.chunks(8);
        let count = pairs.len().div_ceil(8);
        let (records, states) = (&records[..count], &mut states[..count]);
        for (record, state) in records.iter().zip(&mut *states).rev() {
            let all = field.factors(inverse);
            let before = field.propagated(field.load_limbs(&record.before.0));
            let denominator = field.propagated(field.load_limbs(&record.denominator.0));
            field.store_limbs(field.mul(&all, &before), &mut state.inverse.0);
            inverse = field.mul(&all, &denominator);
        }
        for (own, state) in vectors().zip(&mut *states) {
            let own = pairs_of(own);
            let y = self.y(&own);
            let rise = field.sub::<1>(y[1], y[0]);
            let inverse = field.load_limbs(&state.inverse.0);
            let slope = field.mul(&field.factors(rise), &field.factors(inverse));
            field.store_limbs(field.gather(xs(self.side(&own, 0))), &mut state.x.0);
            field.store_limbs(y[0], &mut state.y.0);
            field.store_limbs(field.propagate(slope), &mut state.slope.0);
        }
        for (record, state) in records.iter().zip(&mut *states) {
            let slope = field.propagated(field.load_limbs(&state.slope.0));
            let x = field.load_limbs(&state.x.0);
            let run = field.load_limbs(&record.denominator.0);
            // The other point's is `x + run - p`, and both together are below `2p`: the result is below `5p`
            // in lanes that are not special.
            let both = field.add(field.shifted::<1>(x), run);
            let third = field.sub::<3>(field.square(&slope), both);
            field.store_limbs(third, &mut state.third.0);
        }
        for state in &mut *states {
            let slope = field.propagated(field.load_limbs(&state.slope.0));
            let (x, y) = (field.load_limbs(&state.x.0), field.load_limbs(&state.y.0));
            let y = point::third_y(field, &slope, [x, field.load_limbs(&state.third.0)], y);
            field.store_limbs(y, &mut state.y.0);
        }
        let states = states.iter().zip(records);
        for ((own, out), (state, record)) in vectors().zip(out.chunks_mut(8)).zip(states) {
            point::write(
                field,
                field.load_limbs(&state.third.0),
                field.load_limbs(&state.y.0),
                out,
            );
            if record.special != 0 {
                let mut inverses = [[0; 4]; 8];
                field.store(field.load_limbs(&state.inverse.0), &mut inverses);
                special::sums(self.source, &pairs_of(own), record.special, &inverses, out);
            }
        }
        inverse
    }

    /// The first coordinates of both points.
    #[inline(always)]
    fn x(self, pairs: &[Pair; 8]) -> [Limbs<L>; 2] {
        let [a, b] = [self.side(pairs, 0), self.side(pairs, 1)];
        [self.field.gather(xs(a)), self.field.gather(xs(b))]
    }

    /// The second coordinates of both points, signs applied: at most `p`.
    #[inline(always)]
    fn y(self, pairs: &[Pair; 8]) -> [Limbs<L>; 2] {
        let field = self.field;
        let mut terms = [0; 8];
        for (word, [a, b]) in terms.iter_mut().zip(pairs) {
            *word = u64::from(a.bits()) | u64::from(b.bits()) << 32;
        }
        let terms = field.lanes.load(&terms);
        let negative = [
            field.lanes.negatives(field.lanes.shl::<63>(terms)),
            field.lanes.negatives(field.lanes.shl::<31>(terms)),
        ];
        let [a, b] = [self.side(pairs, 0), self.side(pairs, 1)];
        let [a, b] = [field.gather(ys(a)), field.gather(ys(b))];
        [
            field.select(negative[0], field.neg::<1>(a), a),
            field.select(negative[1], field.neg::<1>(b), b),
        ]
    }

    /// The first or second points of pairs.
    #[inline(always)]
    fn side(&self, pairs: &[Pair; 8], side: usize) -> [&Point; 8] {
        eight(
            #[inline(always)]
            |lane| &self.source[pairs[lane][side].index()],
        )
    }

    /// The denominators of the slopes, below `2p`; 1 where there is no line.
    #[inline(always)]
    fn denominator(self, pairs: &[Pair; 8], x: [Limbs<L>; 2], special: u8) -> Limbs<L> {
        let difference = self.field.sub::<1>(x[1], x[0]);
        if special == 0 {
            return difference;
        }
        let denominators = self
            .field
            .load(&special::denominators(self.source, pairs, special));
        self.field.select(special, denominators, difference)
    }
}

/// Up to eight pairs, the last one repeated.
#[inline(always)]
fn pairs_of(pairs: &[Pair]) -> [Pair; 8] {
    match pairs.try_into() {
        Ok(pairs) => pairs,
        Err(_) => from_fn(|lane| pairs[lane.min(pairs.len() - 1)]),
    }
}

#[inline(always)]
fn xs([a, b, c, d, e, f, g, h]: [&Point; 8]) -> [&Words; 8] {
    [&a.x, &b.x, &c.x, &d.x, &e.x, &f.x, &g.x, &h.x]
}

#[inline(always)]
fn ys([a, b, c, d, e, f, g, h]: [&Point; 8]) -> [&Words; 8] {
    [&a.y, &b.y, &c.y, &d.y, &e.y, &f.y, &g.y, &h.y]
}
