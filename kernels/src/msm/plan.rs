//! From columns of scalars to sums of windows, in groups that bound the memory.

use super::dictionary::{self, Dictionary};
use super::digits::{Digits, Windows};
use super::{Column, buckets, reduce, sparse};
use crate::curve::runs::{self, Runs};
use crate::curve::{Engine, Point, Term, glv};
use crate::field::words::is_zero;
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;

/// Most terms and buckets that are in memory at a time, in points: about 24 MB with all levels. More would be fetched anew
/// from the system for each multiplication.
pub(super) const GROUP: usize = 1 << 18;

/// Fewest of them that keep all threads busy.
const MIN_GROUP: usize = 1 << 15;

/// Terms and buckets in memory at a time, in points: in proportion to the bases, which are there anyway.
pub(super) fn limit(bases: usize) -> usize {
    (2 * bases).clamp(MIN_GROUP, GROUP)
}

/// Columns with at most this many full-width scalars are multiplied without buckets.
const SPARSE: usize = 24;

/// A column, its width known.
enum Width<'a> {
    /// Nothing to add in buckets.
    None,
    /// Integers in these windows.
    Narrow(&'a [i32], Windows),
    /// Halves of full-width scalars in these windows.
    Wide(&'a [Fr], Windows),
}

impl<'a> Width<'a> {
    fn new(column: &Column<'a>) -> Self {
        match *column {
            Column::Full(scalars) if scalars.len() <= SPARSE => Self::None,
            Column::Full(scalars) => match occupied(scalars) {
                0 => Self::None,
                occupied => Self::Wide(scalars, Windows::wide(2 * occupied)),
            },
            Column::Dictionary { .. } => Self::None,
            Column::Small { values, .. } => {
                let largest = values.par_iter().with_min_len(1 << 14).map(|v| v.unsigned_abs());
                match largest.max() {
                    None | Some(0) => Self::None,
                    Some(largest) => Self::Narrow(values, Windows::narrow(values.len(), largest)),
                }
            }
        }
    }

    fn windows(&self) -> u32 {
        match self {
            Self::None => 0,
            Self::Narrow(_, windows) | Self::Wide(_, windows) => windows.count,
        }
    }

    /// Points in memory for one window.
    fn weight(&self) -> usize {
        match self {
            Self::None => 0,
            // A term is a sixteenth of a point.
            Self::Narrow(values, windows) => values.len() / 16 + windows.largest as usize,
            Self::Wide(scalars, windows) => 2 * (scalars.len() / 16 + windows.largest as usize),
        }
    }
}

/// Number of scalars that are not 0: those take part in additions.
fn occupied(scalars: &[Fr]) -> usize {
    let scalars = scalars.par_iter().with_min_len(1 << 10);
    scalars.filter(|scalar| !is_zero(*scalar)).count()
}

/// One window of one column.
#[derive(Clone, Copy)]
struct Unit {
    column: usize,
    window: u32,
}

/// The multi-scalar multiplication of every column, none of which is longer than `bases`, with at
/// most `limit` points of buckets and terms in memory unless one window has more.
pub(super) fn msm(engine: Engine, bases: &[Point], columns: &[Column<'_>], limit: usize) -> Vec<G1Affine> {
    let widths: Vec<Width<'_>> = columns.iter().map(Width::new).collect();
    let mut sums: Vec<Vec<G1>> = widths.iter().map(|_| Vec::new()).collect();
    let mut halves: Vec<Option<[Digits; 2]>> = widths.iter().map(|_| None).collect();
    for group in groups(&widths, limit) {
        for Unit { column, window } in &group {
            if let (Width::Wide(scalars, windows), 0) = (&widths[*column], *window) {
                halves[*column] = Some(split(scalars, *windows));
            }
        }
        let found = sum_group(engine, bases, &widths, &halves, &group);
        for (Unit { column, window }, sum) in group.into_iter().zip(found) {
            sums[column].push(sum);
            if window + 1 == widths[column].windows() {
                halves[column] = None;
            }
        }
    }
    let rest = sparse::multiply(bases, &sparse_parts(columns));
    let entries = |points: &[Point], scalars: &[Fr]| {
        msm(
            engine,
            points,
            &[Column::Full(scalars)],
            self::limit(points.len()),
        )[0]
    };
    let dictionary = dictionary::multiply(engine, bases, &dictionary_parts(columns), entries);
    let results: Vec<G1> = widths
        .iter()
        .zip(sums)
        .zip(rest)
        .zip(dictionary)
        .map(|(((width, sums), rest), dictionary)| horner(width, &sums) + rest + dictionary)
        .collect();
    let mut affine = vec![G1Affine::default(); results.len()];
    G1::batch_normalize(&results, &mut affine);
    affine
}

/// What of each column is multiplied without buckets: the first base, and the scalars.
fn sparse_parts<'a>(columns: &[Column<'a>]) -> Vec<(usize, &'a [Fr])> {
    let part = |column: &Column<'a>| match *column {
        Column::Full(scalars) if scalars.len() <= SPARSE => (0, scalars),
        Column::Full(_) => (0, &[][..]),
        Column::Small { values, tail } => (values.len(), tail),
        Column::Dictionary { tail, .. } => (column.len() - tail.len(), tail),
    };
    columns.iter().map(part).collect()
}

/// What of each column is multiplied by way of a table.
fn dictionary_parts<'a>(columns: &[Column<'a>]) -> Vec<Option<Dictionary<'a>>> {
    let part = |column: &Column<'a>| match *column {
        Column::Dictionary { codes, table, .. } => Some((codes, table)),
        _ => None,
    };
    columns.iter().map(part).collect()
}

/// Windows of all columns in order, as many together as memory allows, at least one.
fn groups(widths: &[Width<'_>], limit: usize) -> Vec<Vec<Unit>> {
    let mut groups = Vec::new();
    let (mut group, mut weight) = (Vec::new(), 0);
    for (column, width) in widths.iter().enumerate() {
        for window in 0..width.windows() {
            if !group.is_empty() && weight + width.weight() > limit {
                groups.push(std::mem::take(&mut group));
                weight = 0;
            }
            weight += width.weight();
            group.push(Unit { column, window });
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups
}

/// The digits of the halves of scalars.
fn split(scalars: &[Fr], windows: Windows) -> [Digits; 2] {
    Digits::of_pairs(windows, scalars, |scalar| match is_zero(scalar) {
        true => [0; 2],
        false => glv::split(scalar),
    })
}

/// `sum_d d sum_(i: digit d) B_i` for every unit of a group.
fn sum_group(
    engine: Engine,
    bases: &[Point],
    widths: &[Width<'_>],
    halves: &[Option<[Digits; 2]>],
    group: &[Unit],
) -> Vec<G1> {
    let sort = |Unit { column, window }: &Unit| match (&widths[*column], &halves[*column]) {
        (Width::Narrow(values, windows), _) => vec![buckets::narrow(*windows, *window, values)],
        (Width::Wide(..), Some(halves)) => halves
            .par_iter()
            .map(|half| buckets::wide(*window, half))
            .collect(),
        _ => Vec::new(),
    };
    let lists: Vec<Vec<Runs>> = group.par_iter().with_max_len(1).map(sort).collect();
    let kinds: Vec<usize> = lists.iter().map(Vec::len).collect();
    let lists: Vec<Runs> = lists.into_iter().flatten().collect();
    let lengths: Vec<usize> = lists.iter().map(Runs::len).collect();
    let mut sums = runs::sum(engine, bases, &lists);
    drop(lists);
    let (merged, lengths) = merge_halves(engine, &mut sums, &lengths, &kinds);
    drop(sums);
    reduce::weighted_sums(engine, &merged, &lengths)
}

/// Adds the buckets of second halves, mapped by the endomorphism, to those of first halves, and
/// puts an empty bucket 0 before each list.
fn merge_halves(
    engine: Engine,
    sums: &mut [Point],
    lengths: &[usize],
    kinds: &[usize],
) -> (Vec<Point>, Vec<usize>) {
    let mut units = Vec::with_capacity(kinds.len());
    let (mut list, mut start) = (0, 0);
    for kinds in kinds {
        let Some(length) = lengths.get(list).copied() else {
            break;
        };
        units.push((start, length, *kinds));
        list += kinds;
        start += kinds * length;
    }
    for (start, length, kinds) in &units {
        sums[start + length..start + kinds * length]
            .par_chunks_mut(1 << 10)
            .for_each(|points| engine.endomorphism(points));
    }
    let runs = |(start, length, kinds): (usize, usize, usize)| {
        let mut runs = Runs::with_capacity(kinds * length, length + 1);
        runs.push([]);
        for bucket in start..start + length {
            let of_kind = (0..kinds).map(|kind| bucket + kind * length);
            runs.push(of_kind.filter(|at| !sums[*at].is_identity()).map(Term::plus));
        }
        runs
    };
    let lists: Vec<Runs> = units.into_par_iter().map(runs).collect();
    (
        runs::sum(engine, sums, &lists),
        lists.iter().map(Runs::len).collect(),
    )
}

/// `sum_w 2^(c w) S_w`.
fn horner(width: &Width<'_>, sums: &[G1]) -> G1 {
    let bits = match width {
        Width::None => 0,
        Width::Narrow(_, windows) | Width::Wide(_, windows) => windows.bits,
    };
    sums.iter().rev().fold(G1::identity(), |sum, window| {
        (0..bits).fold(sum, |sum, _| sum.double()) + window
    })
}
