//! `sum_b b S_b` over buckets.
//!
//! With `b = 2^s r + c` the sum is `2^s sum_r r R_r + sum_c c C_c`, where `R_r` is the sum of the
//! buckets of row `r` and `C_c` that of column `c`. Rows and columns are independent runs of
//! additions, two for each bucket as in the running sum of a serial reduction, and leave two
//! problems of the root of the size.

use crate::curve::runs::{self, Runs};
use crate::curve::{Engine, Point, Term};
use group::Group;
use halo2curves::bn256::{G1, G1Affine};
use rayon::prelude::*;
use std::ops::Range;

/// Problems of this size are solved by a running sum: batches would be too small to gain.
const SERIAL: usize = 16;

/// `sum_b b S_b` for every list of buckets, `b` counting from 0. Lists lie one behind the other in
/// `buckets`, with these lengths.
pub(crate) fn weighted_sums(engine: Engine, buckets: &[Point], lengths: &[usize]) -> Vec<G1> {
    let mut problems = Vec::with_capacity(lengths.len());
    let mut start = 0;
    for length in lengths {
        problems.push(start..start + length);
        start += length;
    }
    let splits: Vec<Option<Split>> = lengths.iter().map(|length| Split::new(*length)).collect();
    let halves = halves(engine, buckets, &problems, &splits);
    let mut halves = halves.into_iter();
    let serial: Vec<Option<G1>> = problems
        .into_par_iter()
        .zip(&splits)
        .map(|(problem, split)| split.is_none().then(|| running_sum(&buckets[problem])))
        .collect();
    let whole = |(serial, split): (Option<G1>, Option<Split>)| match (serial, split) {
        (None, Some(split)) => {
            let (rows, columns) = (halves.next(), halves.next());
            let rows = rows.unwrap_or_else(G1::identity);
            let shifted = (0..split.shift).fold(rows, |sum, _| sum.double());
            shifted + columns.unwrap_or_else(G1::identity)
        }
        (serial, _) => serial.unwrap_or_else(G1::identity),
    };
    serial.into_iter().zip(splits).map(whole).collect()
}

/// How a problem is laid out as a matrix.
#[derive(Clone, Copy)]
struct Split {
    /// log2 of the number of columns.
    shift: u32,
    rows: usize,
}

impl Split {
    fn new(length: usize) -> Option<Self> {
        (length > SERIAL).then(|| {
            let shift = (length - 1).ilog2() / 2 + 1;
            Self {
                shift,
                rows: length.div_ceil(1 << shift),
            }
        })
    }
}

/// The weighted sums of rows and of columns of every problem that is split, two each.
fn halves(engine: Engine, buckets: &[Point], problems: &[Range<usize>], splits: &[Option<Split>]) -> Vec<G1> {
    let list = |(problem, split): (&Range<usize>, &Option<Split>)| {
        let Split { shift, rows } = (*split)?;
        let start = problem.start;
        let columns = 1 << shift;
        let mut list = Runs::with_capacity(2 * problem.len(), rows + columns);
        let occupied = |b: &usize| !buckets[start + *b].is_identity();
        // Row 0 and column 0 have no weight.
        for row in 0..rows {
            let range = row * columns..((row + 1) * columns).min(problem.len() * usize::from(row > 0));
            list.push(range.filter(occupied).map(|b| Term::plus(start + b)));
        }
        for column in 0..columns {
            let end = if column == 0 { 0 } else { problem.len() };
            let range = (column..end).step_by(columns);
            list.push(range.filter(occupied).map(|b| Term::plus(start + b)));
        }
        Some((list, [rows, columns]))
    };
    let lists: Vec<(Runs, [usize; 2])> = problems.par_iter().zip(splits).filter_map(list).collect();
    let (lists, lengths): (Vec<Runs>, Vec<[usize; 2]>) = lists.into_iter().unzip();
    let lengths = lengths.concat();
    if lists.is_empty() {
        return Vec::new();
    }
    let sums = runs::sum(engine, buckets, &lists);
    weighted_sums(engine, &sums, &lengths)
}

/// `sum_b b S_b` as the sum of all suffixes `S_b + S_(b+1) + ...` from `b = 1` on.
fn running_sum(buckets: &[Point]) -> G1 {
    let (mut suffix, mut sum) = (G1::identity(), G1::identity());
    for point in buckets.iter().skip(1).rev() {
        if !point.is_identity() {
            suffix += G1Affine::from(point);
        }
        sum += suffix;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2curves::bn256::Fr;

    #[test]
    fn equals_the_sum_over_the_buckets() {
        let lengths = [0, 1, 2, 15, 16, 17, 18, 100, 129, 257, 1025];
        let g = G1::generator();
        // Multiples of one point, some of them the identity, and two opposite rows.
        let factor = |i: usize| Fr::from((i as u64 * 7919) % 101) - Fr::from(50);
        let mut buckets = Vec::new();
        for length in lengths {
            buckets.extend((0..length).map(|b| Point::from(&G1Affine::from(g * factor(b)))));
        }
        let sums = weighted_sums(Engine::Plain, &buckets, &lengths);
        for (length, sum) in lengths.into_iter().zip(sums) {
            let expected: Fr = (0..length).map(|b| factor(b) * Fr::from(b as u64)).sum();
            assert_eq!(sum, g * expected, "{length} buckets");
        }
    }
}
