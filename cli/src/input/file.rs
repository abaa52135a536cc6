//! Reading files of unknown size.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest data file that is read.
pub const DATA_LIMIT: u64 = 1 << 30;
/// The largest JSON file that is read: parsed, it takes many times its size.
pub const JSON_LIMIT: u64 = 256 << 20;

/// The most elements of an array.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Reads a file whole.
///
/// Fails if it cannot be read or is larger than the limit.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let fail = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(fail)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).with_context(fail)?;
    if bytes.len() as u64 > limit {
        bail!(
            "{}: expected a file of at most {} MiB, found a larger one; split it",
            path.display(),
            limit >> 20
        );
    }
    Ok(bytes)
}

/// Reads a text file whole.
///
/// Fails as [`read_bounded`], and for bytes that are not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String> {
    let bytes = read_bounded(path, limit)?;
    String::from_utf8(bytes)
        .with_context(|| format!("{}: expected UTF-8 text, found other bytes", path.display()))
}

/// Number of elements of a shape, if it is within [`MAX_ELEMENTS`].
pub fn element_count(shape: &[usize]) -> Option<usize> {
    let count = shape
        .iter()
        .try_fold(1usize, |count, axis| count.checked_mul(*axis))?;
    (count <= MAX_ELEMENTS).then_some(count)
}
