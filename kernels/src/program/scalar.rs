//! Programs without lanes: each step on a block of rows.

use super::Column;
use super::plan::{Operation, Plan, Source, Step};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Rows of a block: a slot takes 2 KiB, so that some ten slots stay in the first-level cache.
const ROWS: usize = 64;
/// Rows of a piece of the parallel loop.
const PIECE: usize = 16 * ROWS;

/// Runs a plan on all rows. There is at least one column, and all have the length of `target`.
pub(crate) fn run(plan: &Plan, columns: &[&[Fr]], constants: &[Fr], target: &mut [Fr]) {
    target.par_chunks_mut(PIECE).enumerate().for_each_init(
        || vec![[Fr::zero(); ROWS]; plan.slots],
        |slots, (piece, target)| {
            for (block, target) in target.chunks_mut(ROWS).enumerate() {
                let first = piece * PIECE + block * ROWS;
                plan.steps
                    .iter()
                    .for_each(|step| run_step(step, columns, constants, slots, first));
                match plan.result {
                    None => target.fill(Fr::zero()),
                    Some(Source::Constant(index)) => target.fill(constants[index]),
                    Some(Source::Slot(slot)) => target.copy_from_slice(&slots[slot][..target.len()]),
                }
            }
        },
    );
}

/// One step on the rows from `first` on.
fn run_step(step: &Step, columns: &[&[Fr]], constants: &[Fr], slots: &mut [[Fr; ROWS]], first: usize) {
    match *step {
        Step::Load { target, cell } => load(columns, cell, first, &mut slots[target]),
        Step::Compute {
            operation,
            target,
            a,
            b,
        } => {
            let combine = |a: Fr, b: Fr| match operation {
                Operation::Add => a + b,
                Operation::Sub => a - b,
                Operation::Mul => a * b,
            };
            let value = |slots: &[[Fr; ROWS]], source, row: usize| match source {
                Source::Slot(slot) => slots[slot][row],
                Source::Constant(index) => constants[index],
            };
            (0..ROWS).for_each(|row| {
                slots[target][row] = combine(value(slots, a, row), value(slots, b, row));
            });
        }
    }
}

/// The cells of the rows from `first` on; rows wrap around.
fn load(columns: &[&[Fr]], cell: Column, first: usize, slot: &mut [Fr; ROWS]) {
    let column = columns[cell.index as usize];
    let start = rotated(first, cell.rotation, column.len());
    if let Some(cells) = column[start..].first_chunk() {
        *slot = *cells;
    } else {
        slot.iter_mut()
            .zip(column.iter().cycle().skip(start))
            .for_each(|(slot, cell)| *slot = *cell);
    }
}

/// `(row + rotation) mod rows`
pub(super) fn rotated(row: usize, rotation: i32, rows: usize) -> usize {
    let sum = row as i128 + i128::from(rotation);
    sum.rem_euclid(rows as i128) as usize
}
