//! Columns of sums of table entries: `sum_i (sum_j t[c_j(i)]) B_i = sum_e t[e] S_e`, where `S_e` is the sum of
//! the bases of the rows with code `e`.
//!
//! The bases are sorted into buckets by code, each bucket is summed, and what is left is a
//! multiplication of as many points as the table has entries.

use super::Column;
use super::digits::Windows;
use crate::curve::runs::{self, Runs};
use crate::curve::{Engine, Point, Term};
use crate::field::words::is_zero;
use group::prime::PrimeCurveAffine;
use halo2curves::bn256::{Fr, G1Affine};
use rayon::prelude::*;

/// Codes by row, and the table that they are positions in.
pub(super) type Dictionary<'a> = (&'a [&'a [i32]], &'a [Fr]);

/// Terms that are sorted at a time: 4 MB.
const GROUP: usize = 1 << 20;

/// The multiplication of every column; the identity where there is none. Codes are positions in the table. `msm`
/// multiplies the sums of bases by the entries of a table.
pub(super) fn multiply(
    engine: Engine,
    bases: &[Point],
    columns: &[Option<Dictionary<'_>>],
    msm: impl Fn(&[Point], &[Fr]) -> G1Affine,
) -> Vec<G1Affine> {
    let mut products = vec![G1Affine::identity(); columns.len()];
    let present: Vec<(usize, Dictionary<'_>)> = columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| Some((index, (*column)?)))
        .collect();
    let mut rest = &present[..];
    while let [(_, first), ..] = rest {
        let fitting = GROUP / terms(first).max(1);
        let (group, behind) = rest.split_at(fitting.clamp(1, rest.len()));
        rest = behind;
        let lists: Vec<Runs> = group.par_iter().map(|(_, column)| sort(column)).collect();
        let mut sums = &runs::sum(engine, bases, &lists)[..];
        drop(lists);
        for (index, (_, table)) in group {
            let (own, behind) = sums.split_at(table.len());
            sums = behind;
            let (points, scalars): (Vec<Point>, Vec<Fr>) = own
                .iter()
                .zip(*table)
                .filter(|(point, _)| !point.is_identity())
                .unzip();
            products[*index] = msm(&points, &scalars);
        }
    }
    products
}

/// The scalars of a column whose table is too large, for its rows, to be worth sorting by.
pub(super) fn expanded(column: &Column<'_>) -> Option<Vec<Fr>> {
    let Column::Dictionary { codes, table, tail } = *column else {
        return None;
    };
    let (rows, terms) = (column.len() - tail.len(), terms(&(codes, table)));
    let points = table.len().min(terms);
    if terms as f64 + Windows::wide_cost(points) < Windows::wide_cost(rows) {
        return None;
    }
    Some(sums(codes, table, tail))
}

/// `sum_j table[codes[j][i]]` for all `i`, followed by `tail`. The codes are positions in the table.
pub(crate) fn sums(codes: &[&[i32]], table: &[Fr], tail: &[Fr]) -> Vec<Fr> {
    let rows = codes.first().map_or(0, |codes| codes.len());
    let row = |row: usize| codes.iter().map(|codes| table[codes[row] as usize]).sum();
    let mut sums = Vec::with_capacity(rows + tail.len());
    (0..rows)
        .into_par_iter()
        .with_min_len(1 << 10)
        .map(row)
        .collect_into_vec(&mut sums);
    sums.extend_from_slice(tail);
    sums
}

fn terms((codes, _): &Dictionary<'_>) -> usize {
    codes.iter().map(|codes| codes.len()).sum()
}

/// A run for each entry of the table, with the rows that have its code; none for an entry that is 0.
fn sort((codes, table): &Dictionary<'_>) -> Runs {
    let counts: Vec<bool> = table.iter().map(|entry| !is_zero(entry)).collect();
    // First the sizes of the runs, then their starts; writing moves these to the ends.
    let mut places = vec![0u32; table.len()];
    for &code in codes.iter().copied().flatten() {
        places[code as usize] += u32::from(counts[code as usize]);
    }
    let mut total = 0;
    for place in &mut places {
        total += std::mem::replace(place, total);
    }
    let mut terms = vec![Term::plus(0); total as usize];
    for codes in *codes {
        for (row, &code) in codes.iter().enumerate() {
            if counts[code as usize] {
                let place = &mut places[code as usize];
                terms[*place as usize] = Term::plus(row);
                *place += 1;
            }
        }
    }
    let bounds = std::iter::once(0).chain(places).collect();
    Runs::from_parts(terms, bounds)
}
