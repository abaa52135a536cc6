//! Sums of pairs of points.
//!
//! A product keeps a core busy for about as long as its carries take to pass, but only if the next one does not wait
//! for it, and what it waits for must be near in the instructions. So the second pass takes a group of vectors through
//! one product each before it takes any of them to the next. It reads what the first one wrote down in order, and no
//! point again: those come from all over the memory. While it computes, the points of the next batch come into the
//! second-level cache, where the first pass would wait for them with nothing else to do.

use super::super::prefetch::Cache;
use super::operands::{Operands, Sums};
use super::{Arithmetic, BATCH, SCALE_OF_SUMS, invert, one, point, special};
use crate::field::{Block, Kernel, Lanes, Limbs};

/// Vectors that take each step together.
pub(super) const GROUP: usize = 4;

/// Vectors ahead for which points are fetched into the first-level cache.
const AHEAD: usize = 4;

pub(super) struct AddPairs<'a, O, S> {
    pub(super) operands: O,
    pub(super) sums: S,
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
    /// The numerators, below `2p`, carried from limb to limb.
    rise: Block,
    /// The first point: coordinates at most `p`.
    x: Block,
    y: Block,
    /// Lanes that may be no line through two different points.
    special: u8,
}

/// A vector of additions between the steps of the second pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// The scaled inverse of the denominator, below `3p`.
    inverse: Block,
    /// The scaled slope, below `3p`, carried from limb to limb.
    slope: Block,
    /// The coordinates of the sum, the first below `5p` and the second below `13p` in lanes that are not special.
    x: Block,
    y: Block,
}

impl<L: Lanes, O: Operands, S: Sums> Kernel<L> for AddPairs<'_, O, S> {
    type Output = ();

    #[inline(always)]
    fn run(mut self, lanes: L) {
        let field = Arithmetic::new(lanes);
        let vectors = self.operands.vectors();
        for batch in (0..vectors).step_by(BATCH) {
            let count = BATCH.min(vectors - batch);
            let product = prepare(field, self.operands, batch, &mut self.records[..count]);
            let mut inverse = invert(field, product, SCALE_OF_SUMS);
            for (group, records) in self.records[..count].chunks(GROUP).enumerate().rev() {
                let first = batch + group * GROUP;
                let states = &mut self.states[..records.len()];
                inverse = finish(field, inverse, records, states);
                for (i, (record, state)) in records.iter().zip(states).enumerate() {
                    self.operands.prefetch(first + i + BATCH, Cache::Second);
                    let [x, y] = [field.load_limbs(&state.x.0), field.load_limbs(&state.y.0)];
                    self.sums.write(field, first + i, x, y);
                    if record.special != 0 {
                        let mut inverses = [[0; 4]; 8];
                        field.store(field.load_limbs(&state.inverse.0), &mut inverses);
                        let points = self.operands.points(first + i);
                        special::sums(&points, record.special, &inverses, |lane, sum| {
                            self.sums.set(first + i, lane, sum);
                        });
                    }
                }
            }
        }
    }
}

/// Fills the records of the vectors from `first` on; returns the product of all denominators.
#[inline(always)]
fn prepare<L: Lanes>(
    field: Arithmetic<L>,
    operands: impl Operands,
    first: usize,
    records: &mut [Record],
) -> Limbs<L> {
    let mut product = one(field);
    for (i, record) in records.iter_mut().enumerate() {
        let vector = first + i;
        operands.prefetch(vector + AHEAD, Cache::First);
        let [[ax, ay], [bx, by]] = operands.coordinates(field, vector);
        field.store_limbs(ax, &mut record.x.0);
        field.store_limbs(ay, &mut record.y.0);
        let rise = field.propagate(field.sub::<1>(by, ay));
        field.store_limbs(rise, &mut record.rise.0);
        record.special = special::suspicious(field, [ax, bx]);
        let mut denominator = field.sub::<1>(bx, ax);
        if record.special != 0 {
            let denominators = special::denominators(&operands.points(vector), record.special);
            denominator = field.select(record.special, field.load(&denominators), denominator);
        }
        let denominator = field.carry(denominator);
        let before = field.propagate(product);
        field.store_limbs(before, &mut record.before.0);
        field.store_limbs(denominator, &mut record.denominator.0);
        product = field.mul(&field.propagated(before), &field.propagated(denominator));
    }
    product
}

/// Fills the states of a group, given the scaled inverse of the product of all denominators up to here; returns that
/// of the product before the group.
#[inline(always)]
fn finish<L: Lanes>(
    field: Arithmetic<L>,
    mut inverse: Limbs<L>,
    records: &[Record],
    states: &mut [State],
) -> Limbs<L> {
    for (record, state) in records.iter().zip(&mut *states).rev() {
        let all = field.factors(inverse);
        let before = field.propagated(field.load_limbs(&record.before.0));
        let denominator = field.propagated(field.load_limbs(&record.denominator.0));
        field.store_limbs(field.mul(&all, &before), &mut state.inverse.0);
        inverse = field.mul(&all, &denominator);
    }
    for (record, state) in records.iter().zip(&mut *states) {
        let rise = field.propagated(field.load_limbs(&record.rise.0));
        let inverse = field.load_limbs(&state.inverse.0);
        let slope = field.mul(&rise, &field.factors(inverse));
        field.store_limbs(field.propagate(slope), &mut state.slope.0);
    }
    for (record, state) in records.iter().zip(&mut *states) {
        let slope = field.propagated(field.load_limbs(&state.slope.0));
        let x = field.load_limbs(&record.x.0);
        let run = field.load_limbs(&record.denominator.0);
        // The other point's is `x + run - p`, and both together are below `2p`: the result is below `5p`
        // in lanes that are not special.
        let both = field.add(field.shifted::<1>(x), run);
        let third = field.sub::<3>(field.square(&slope), both);
        field.store_limbs(third, &mut state.x.0);
    }
    for (record, state) in records.iter().zip(&mut *states) {
        let slope = field.propagated(field.load_limbs(&state.slope.0));
        let (x, y) = (field.load_limbs(&record.x.0), field.load_limbs(&record.y.0));
        let y = point::third_y(field, &slope, [x, field.load_limbs(&state.x.0)], y);
        field.store_limbs(y, &mut state.y.0);
    }
    inverse
}
