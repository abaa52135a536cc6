//! Multiplicities of the lookups, and the rows of the function tables.

use crate::Shape;
use crate::config::{Challenges, field};
use crate::form::CellRef;
use crate::program::Program;
use halo2_proofs::halo2curves::bn256::Fr;

/// How often each value stands in the lanes, over all active rows.
pub(crate) fn multiplicity(shape: &Shape, lanes: &[Vec<u32>]) -> Vec<u32> {
    let mut count = vec![0u32; 1 << shape.lane_bits];
    for &cell in lanes.iter().flatten() {
        if let Some(count) = count.get_mut(cell as usize) {
            *count += 1;
        }
    }
    count
}

/// How often each row of the function tables is looked up.
pub(crate) fn function_multiplicity(shape: &Shape, program: &Program, lanes: &[Vec<u32>]) -> Vec<u32> {
    let mut count = vec![0u32; program.tables.0.len() + 1];
    for (_, id) in function_rows(shape, program, lanes) {
        if let Some(count) = count.get_mut(id) {
            *count += 1;
        }
    }
    count
}

/// Row and table row of every function lookup.
pub(super) fn function_rows<'a>(
    shape: &'a Shape,
    program: &'a Program,
    lanes: &'a [Vec<u32>],
) -> impl Iterator<Item = (usize, usize)> + 'a {
    program.table_rows.iter().flat_map(move |&(lookup, first, rows)| {
        let id = &shape.tables[usize::from(lookup)].id;
        (first as usize..(first + rows) as usize).map(move |row| {
            let sum: i64 = id
                .terms
                .iter()
                .map(|(cell, c)| match cell {
                    CellRef::Lane(l) => i64::from(lanes[usize::from(*l)][row]) * c,
                    _ => 0,
                })
                .sum();
            (row, (sum + id.constant) as usize)
        })
    })
}

/// `alpha + i + gamma c + gamma^2 s` of every row of the function tables.
pub(super) fn fingerprints(program: &Program, ch: &Challenges<Fr>) -> Vec<Fr> {
    table_tuples(program)
        .into_iter()
        .map(|[i, c, s]| ch.alpha + field(i) + ch.gamma * (field(c) + ch.gamma * field(s)))
        .collect()
}

/// Rows of the function tables. One more row than the tables have, which no index reaches,
/// keeps the columns from being zero, and fills the rest.
pub(crate) fn table_tuples(program: &Program) -> Vec<[i64; 3]> {
    let rows = &program.tables.0;
    let sentinel = [rows.len() as i64, 1, 1];
    rows.iter()
        .enumerate()
        .map(|(i, &(c, s))| [i as i64, c, s])
        .chain([sentinel])
        .collect()
}
