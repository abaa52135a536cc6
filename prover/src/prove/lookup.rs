//! The permuted columns of lookup arguments.

use super::ProofState;
use super::diagnose;
use super::rows::Rows;
use crate::Error;
use crate::Stage;
use crate::program::Source;
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use rayon::prelude::*;
use zkml_kernels::Backend;

impl<'a, B: Backend> ProofState<'a, B> {
    /// Permutes and commits to every lookup's input and table.
    #[tracing::instrument(level = "debug", name = "lookups", skip_all)]
    pub(super) fn permute_lookups(&mut self, rows: &mut Rows<'a, B>) -> Result<(), Error> {
        let key = self.key;
        let count = key.programs.lookups.len();
        for (index, (input, table)) in key.programs.lookups.iter().enumerate() {
            self.step(Stage::Lookups, index, count)?;
            let usable = key.domain.usable;
            let input = self.backend.read(&rows.run(input, &self.symbols)?, 0, usable)?;
            let table = self.backend.read(&rows.run(table, &self.symbols)?, 0, usable)?;
            let (mut input, mut table) =
                permute(&input, &table).map_err(|row| diagnose::lookup(&key.cs, index, row))?;
            for column in [&mut input, &mut table] {
                column.resize_with(key.domain.n, || Fr::random(&mut *self.rng));
            }
            // Blinds.
            for _ in 0..2 {
                Fr::random(&mut *self.rng);
            }
            let input = self.backend.upload(&input)?;
            let table = self.backend.upload(&table)?;
            self.commit_rows(&[&input, &table])?;
            rows.permuted.insert(Source::LookupInput(index), input);
            rows.permuted.insert(Source::LookupTable(index), table);
        }
        if count > 0 {
            self.step(Stage::Lookups, 1, 1)?;
        }
        Ok(())
    }
}

/// Permutes the inputs so that equal ones are neighbours, in ascending order, and the table so
/// that each run of equal inputs starts beside its table entry; the other entries fill up in
/// ascending order. The columns have the same length.
///
/// # Errors
/// The first row whose input is not in the table.
fn permute(input: &[Fr], table: &[Fr]) -> Result<(Vec<Fr>, Vec<Fr>), usize> {
    let (inputs, entries) = rayon::join(|| sorted(input), || sorted(table));
    let mut leading = vec![false; inputs.len()];
    let mut leftover = Vec::with_capacity(entries.len());
    let mut missing: Option<usize> = None;
    let mut entry = entries.iter().peekable();
    for (i, (key, row)) in inputs.iter().enumerate() {
        let starts_run = i == 0 || inputs[i - 1].0 != *key;
        if !starts_run {
            continue;
        }
        leading[i] = true;
        while let Some((_, row)) = entry.next_if(|(smaller, _)| smaller < key) {
            leftover.push(table[*row]);
        }
        if entry.next_if(|(found, _)| found == key).is_none() {
            // Rows of equal keys are sorted: this is the first of its run.
            missing = Some(missing.map_or(*row, |first| first.min(*row)));
        }
    }
    leftover.extend(entry.map(|(_, row)| table[*row]));
    if let Some(row) = missing {
        return Err(row);
    }
    let mut leftover = leftover.into_iter();
    let permuted_input: Vec<Fr> = inputs.iter().map(|(_, row)| input[*row]).collect();
    let permuted_table = permuted_input
        .iter()
        .zip(leading)
        .map(|(value, leads)| {
            if leads {
                *value
            } else {
                leftover.next().unwrap_or(*value)
            }
        })
        .collect();
    Ok((permuted_input, permuted_table))
}

/// Canonical values, highest word first, with their rows, in ascending order.
fn sorted(values: &[Fr]) -> Vec<([u64; 4], usize)> {
    let key = |value: &Fr| {
        let repr = value.to_repr();
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().rev().zip(repr.as_ref().chunks_exact(8)) {
            *word = bytes
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        words
    };
    let mut keyed: Vec<_> = values
        .par_iter()
        .enumerate()
        .map(|(row, value)| (key(value), row))
        .collect();
    keyed.par_sort_unstable();
    keyed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[u64]) -> Vec<Fr> {
        values.iter().map(|v| Fr::from(*v)).collect()
    }

    #[test]
    fn runs_start_beside_their_entry() {
        let (input, table) = permute(&column(&[5, 1, 5, 1, 5, 7]), &column(&[1, 2, 5, 5, 7, 9])).unwrap();
        assert_eq!(input, column(&[1, 1, 5, 5, 5, 7]));
        assert_eq!(table, column(&[1, 2, 5, 5, 9, 7]));
    }

    #[test]
    fn order_is_that_of_canonical_values() {
        let large = -Fr::ONE;
        let (input, table) = permute(&[large, Fr::ONE], &[Fr::ONE, large]).unwrap();
        assert_eq!(input, [Fr::ONE, large]);
        assert_eq!(table, [Fr::ONE, large]);
    }

    #[test]
    fn the_first_row_that_misses_is_found() {
        let table = column(&[1, 2, 3, 4]);
        assert_eq!(permute(&column(&[1, 9, 8, 9]), &table), Err(1));
        assert_eq!(permute(&column(&[1, 1, 1, 0]), &table), Err(3));
    }
}
