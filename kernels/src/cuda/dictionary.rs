//! Columns of codes: bases are summed by code, and the sums multiplied by the table's entries.
#![allow(unsafe_code)] // Calls of the kernels' library.

use super::driver::Address;
use super::ffi::{self, DictionaryColumn, MsmPart};
use super::integers::{Integers, check_codes};
use super::memory::Vector;
use super::queue::Operation;
use super::split::{Need, share, split};
use super::windows::{full, sums};
use crate::Error;
use halo2curves::bn256::{G1, G1Affine};

/// What adding a base to a sum costs, in field products with its share of sorting, and what an entry's sum costs.
const TERM_COST: u64 = 12;
const ENTRY_COST: u64 = 36;

/// A column of codes, on the device.
pub(super) struct Dictionary {
    codes: Vec<*const i32>,
    rows: u64,
    /// The multiplication of the sums by the entries; its first base is still to be said.
    entries: MsmPart,
}

impl Dictionary {
    /// The column, if summing by code costs less than multiplying scalars, `tail` of which follow in either case, and
    /// has enough memory: scalars can be multiplied a window at a time.
    ///
    /// # Errors
    /// As [`check_codes`].
    pub fn new(
        operation: &Operation<'_>,
        codes: &[&Integers],
        rows: usize,
        table: &Vector,
        tail: usize,
    ) -> Result<Option<Self>, Error> {
        check_codes(operation, codes, rows, table.length)?;
        let entries = full(table.read(operation)?.cast(), table.length, 0);
        let cost = |count| full(std::ptr::null(), count, 0).cost;
        let terms = TERM_COST
            .saturating_mul(codes.len() as u64)
            .saturating_mul(rows as u64);
        let sums = ENTRY_COST * table.length as u64 + entries.cost;
        if terms.saturating_add(sums + cost(tail)) >= cost(rows + tail) {
            return Ok(None);
        }
        let addresses = codes
            .iter()
            .map(|list| Ok(list.read(operation)?.pointer::<i32>().cast_const()));
        let addresses = addresses.collect::<Result<_, Error>>()?;
        let column = Self {
            codes: addresses,
            rows: rows as u64,
            entries,
        };
        Ok((workspace(&[&column]) <= share(operation)).then_some(column))
    }

    /// As the library takes it.
    fn raw(&self) -> DictionaryColumn {
        DictionaryColumn {
            codes: self.codes.as_ptr(),
            lists: self.codes.len() as u64,
            rows: self.rows,
            entries: self.entries.count,
        }
    }
}

fn raw(columns: &[&Dictionary]) -> Vec<DictionaryColumn> {
    columns.iter().map(|column| column.raw()).collect()
}

/// Bytes for columns together; the most there are if they are too many.
fn workspace(columns: &[&Dictionary]) -> usize {
    let columns = raw(columns);
    // SAFETY: it reads so many columns.
    unsafe { ffi::zkml_code_sums_workspace(columns.as_ptr(), columns.len()) }
}

/// The multiplication of every column by the first of the bases; there are as many as a column has rows.
pub(super) fn multiply(
    operation: &Operation<'_>,
    bases: Address,
    columns: &[&Dictionary],
) -> Result<Vec<G1>, Error> {
    let mut values = Vec::with_capacity(columns.len());
    let need = |columns: &[&Dictionary]| Need::exactly(workspace(columns));
    split(operation, columns, need, |columns, mut workspace| {
        let parts: Vec<Vec<MsmPart>> = columns
            .iter()
            .scan(0, |next, column| {
                let first_base = *next;
                *next += column.entries.count;
                let part = MsmPart {
                    first_base,
                    ..column.entries
                };
                Some(vec![part])
            })
            .collect();
        let entries: u64 = columns.iter().map(|column| column.entries.count).sum();
        let mut by_code = operation.allocate(entries as usize * size_of::<G1Affine>())?;
        let raw = raw(columns);
        let bytes = workspace.bytes();
        // SAFETY: every list has at least so many codes, each below the table's length; there are as many bases as rows, room for
        // a sum of each entry, and as much workspace as the library asks for; the columns are read before it returns.
        operation.check(unsafe {
            ffi::zkml_code_sums(
                operation.stream(),
                bases.pointer(),
                raw.as_ptr(),
                raw.len(),
                by_code.write(operation)?.pointer(),
                workspace.write(operation)?.pointer(),
                bytes,
            )
        })?;
        drop(workspace);
        values.extend(sums(operation, by_code.read(operation)?, &parts)?);
        Ok(())
    })?;
    Ok(values)
}
