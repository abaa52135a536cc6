//! Signed integers in device memory, and what vectors are made of them.
#![allow(unsafe_code)] // Calls of the kernels' library.

use super::driver::Address;
use super::ffi;
use super::memory::{Buffer, Vector};
use super::plain::{bytes, bytes_mut};
use super::queue::Operation;
use crate::{Error, check};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Signed integers in device memory.
pub struct Integers {
    buffer: Buffer,
    pub(super) length: usize,
    /// The least and the largest of them, and zero.
    least: i32,
    most: i32,
}

impl std::fmt::Debug for Integers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Integers")
            .field("length", &self.length)
            .field("least", &self.least)
            .field("most", &self.most)
            .finish()
    }
}

impl Integers {
    /// Copies integers to the device.
    pub(super) fn new(operation: &Operation<'_>, values: &[i32]) -> Result<Self, Error> {
        let mut buffer = operation.allocate(size_of_val(values))?;
        if !values.is_empty() {
            let target = buffer.write(operation)?;
            operation.upload(target, bytes(values))?;
        }
        // While they travel.
        let range = values
            .par_iter()
            .with_min_len(1 << 14)
            .map(|&value| (value, value));
        let wider = |a: (i32, i32), b: (i32, i32)| (a.0.min(b.0), a.1.max(b.1));
        let (least, most) = range.reduce(|| (0, 0), wider);
        Ok(Self {
            buffer,
            length: values.len(),
            least,
            most,
        })
    }

    /// The largest absolute value.
    pub(super) fn largest(&self) -> u32 {
        self.least.unsigned_abs().max(self.most.unsigned_abs())
    }

    /// The address, for an operation that reads them.
    pub(super) fn read(&self, operation: &Operation<'_>) -> Result<Address, Error> {
        self.buffer.read(operation)
    }

    /// Whether all are positions in a table.
    fn are_within(&self, entries: usize) -> bool {
        self.least >= 0 && usize::try_from(self.most).is_ok_and(|most| most < entries)
    }

    /// Checks that the first `rows` are there, and positions in a table.
    fn check(&self, operation: &Operation<'_>, rows: usize, entries: usize) -> Result<(), Error> {
        if self.length < rows {
            return Err(Error::length(operation.name, rows, self.length));
        }
        if rows == 0 || self.are_within(entries) {
            return Ok(());
        }
        // What lies behind the rows may be anything: only the rows themselves tell.
        let mut first = vec![0; rows];
        operation.download(bytes_mut(&mut first), self.read(operation)?)?;
        check::codes(operation.name, &[&first], entries).map(drop)
    }
}

/// The field elements of integers, followed by other elements.
pub(super) fn expand_small(
    operation: &Operation<'_>,
    values: &Integers,
    tail: &[Fr],
) -> Result<Vector, Error> {
    let mut vector = Vector::new(operation, values.length + tail.len())?;
    if values.length > 0 {
        // SAFETY: there are so many integers, and the vector has at least as many elements.
        operation.check(unsafe {
            ffi::zkml_expand_small(
                operation.stream(),
                values.read(operation)?.pointer(),
                values.length,
                vector.write(operation)?,
            )
        })?;
    }
    operation.write(&mut vector, values.length, tail)?;
    Ok(vector)
}

/// Checks the lists of codes of a column, of which there is at least one.
pub(super) fn check_codes(
    operation: &Operation<'_>,
    codes: &[&Integers],
    rows: usize,
    entries: usize,
) -> Result<(), Error> {
    if codes.is_empty() {
        return Err(Error::empty(operation.name, "list of codes"));
    }
    codes
        .iter()
        .try_for_each(|list| list.check(operation, rows, entries))
}

/// Sums of entries of a table, followed by other elements.
pub(super) fn expand_dictionary(
    operation: &Operation<'_>,
    codes: &[&Integers],
    rows: usize,
    table: &Vector,
    tail: &[Fr],
) -> Result<Vector, Error> {
    check_codes(operation, codes, rows, table.length)?;
    let mut vector = Vector::new(operation, rows + tail.len())?;
    if rows > 0 {
        let addresses = codes
            .iter()
            .map(|list| Ok(list.read(operation)?.pointer::<i32>().cast_const()));
        let addresses = addresses.collect::<Result<Vec<_>, Error>>()?;
        // SAFETY: a function of a number.
        let bytes = unsafe { ffi::zkml_expand_dictionary_workspace(codes.len()) };
        let mut workspace = operation.allocate(bytes)?;
        // SAFETY: every list has so many codes, each below the table's length, the vector has at least as many elements, and the
        // workspace is as large as the library asks for; the host array is read before it returns.
        operation.check(unsafe {
            ffi::zkml_expand_dictionary(
                operation.stream(),
                addresses.len(),
                addresses.as_ptr(),
                rows,
                table.read(operation)?,
                vector.write(operation)?,
                workspace.write(operation)?.pointer(),
                bytes,
            )
        })?;
    }
    operation.write(&mut vector, rows, tail)?;
    Ok(vector)
}
