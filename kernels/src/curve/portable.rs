//! Batches of single additions.
//!
//! A product keeps a core busy for about as long as its carries take to pass, but only if the next
//! one does not wait for it. So the running product of denominators is two products, of additions
//! at even and at odd places, and the second pass takes a group of additions through one
//! multiplication each before it takes any of them to the next. All that the second pass needs is
//! kept by the first one in the order of additions: points are fetched from anywhere only once.

use super::cases::{Case, invert, third_point, word};
use super::glv::BETA;
use super::point::{Pair, Point};
use super::prefetch::{Cache, prefetch};
use crate::field::scalar::{Single, add, reduce, signed, sub};
use crate::field::words::{Words, element, words};
use ff::Field;
use halo2curves::bn256::Fq;
use std::array::from_fn;

/// Additions that share one inversion: its cost, about two hundred multiplications, vanishes, and
/// the records of a batch stay in the second-level cache between the two passes.
const BATCH: usize = 1024;

/// Additions that take each step together.
const GROUP: usize = 8;

/// Additions ahead for which points are fetched into the cache.
const AHEAD: usize = 2 * GROUP;

/// One addition between the passes.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    /// The product of the denominators at even or odd places before this one, below `2p`.
    before: Words,
    /// The slope of the line, both parts at most `2p`; the denominator is 1 where there is no line.
    numerator: Words,
    denominator: Words,
    /// Of the first point, reduced.
    ax: Words,
    /// Of the first point, at most `p`.
    ay: Words,
    /// Of both points, at most `2p`.
    sum_of_x: Words,
}

/// Memory that batches reuse.
#[derive(Debug, Default)]
pub(super) struct Records {
    records: Vec<Record>,
    /// Sums that take no line, with their places in the batch.
    known: Vec<(usize, Point)>,
}

/// See [`super::Engine::add_pairs`].
pub(super) fn add_pairs(
    single: impl Single,
    source: &[Point],
    pairs: &[Pair],
    out: &mut [Point],
    Records { records, known }: &mut Records,
) {
    for (pairs, out) in pairs.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
        let count = pairs.len();
        known.clear();
        if records.len() < count + 2 {
            records.resize(count + 2, Record::default());
        }
        records[0].before = word(Fq::ONE);
        records[1].before = word(Fq::ONE);
        for (i, pair) in pairs.iter().enumerate() {
            if let Some([a, b]) = pairs.get(i + AHEAD) {
                prefetch(source, a.index(), Cache::First);
                prefetch(source, b.index(), Cache::First);
            }
            let record = &mut records[i];
            prepare(record, source, pair, |point| known.push((i, point)));
            records[i + 2].before = single.mul::<Fq>(&records[i].before, &records[i].denominator);
        }
        let (records, all) = records[..count + 2].split_at(count);
        let mut inverses = invert_both([all[count % 2].before, all[1 - count % 2].before]);
        let groups = records.chunks(GROUP).zip(out.chunks_mut(GROUP));
        for (records, out) in groups.rev() {
            finish(single, records, &mut inverses, out);
        }
        for (place, point) in known.iter() {
            out[*place] = *point;
        }
    }
}

/// Fills a record, but for the product before it.
#[inline(always)]
fn prepare(record: &mut Record, source: &[Point], pair: &Pair, known: impl FnOnce(Point)) {
    let [first, second] = pair;
    let (a, b) = (&source[first.index()], &source[second.index()]);
    record.ax = a.x;
    record.sum_of_x = add(a.x, b.x);
    record.ay = signed::<Fq>(a.y, first.is_negative());
    let by = signed::<Fq>(b.y, second.is_negative());
    if a.x == b.x || a.is_identity() || b.is_identity() {
        prepare_special(record, source, pair, known);
    } else {
        record.numerator = sub::<Fq, 1>(by, record.ay);
        record.denominator = sub::<Fq, 1>(b.x, a.x);
    }
}

#[cold]
#[inline(never)]
fn prepare_special(record: &mut Record, source: &[Point], pair: &Pair, known: impl FnOnce(Point)) {
    let [a, b] = pair.map(|term| term.of(source));
    (record.numerator, record.denominator) = match Case::of(&a, &b) {
        Case::Line(numerator, denominator) => (word(numerator), word(denominator)),
        Case::Known(point) => {
            known(point);
            (word(Fq::ONE), word(Fq::ONE))
        }
    };
}

/// Finishes a group of additions. `inverses` are those of the products of all denominators up to
/// here, at even and at odd places; they become those of the products before the group.
#[inline(always)]
fn finish(single: impl Single, records: &[Record], inverses: &mut [Words; 2], out: &mut [Point]) {
    let mut slopes = [[0; 4]; GROUP];
    let slopes = &mut slopes[..records.len()];
    for (i, (slope, record)) in slopes.iter_mut().zip(records).enumerate().rev() {
        let inverse = &mut inverses[i % 2];
        *slope = single.mul::<Fq>(inverse, &record.before);
        *inverse = single.mul::<Fq>(inverse, &record.denominator);
    }
    for (slope, record) in slopes.iter_mut().zip(records) {
        *slope = single.mul::<Fq>(slope, &record.numerator);
    }
    for ((slope, record), out) in slopes.iter().zip(records).zip(&mut *out) {
        // The square is below 2p.
        let square = single.mul::<Fq>(slope, slope);
        out.x = reduce::<Fq>(sub::<Fq, 2>(square, record.sum_of_x));
    }
    for ((slope, record), out) in slopes.iter().zip(records).zip(out) {
        let rise = single.mul::<Fq>(slope, &sub::<Fq, 1>(record.ax, out.x));
        out.y = reduce::<Fq>(sub::<Fq, 1>(rise, record.ay));
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
