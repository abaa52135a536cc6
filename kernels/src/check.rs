//! Checks of arguments that every backend makes.

use crate::Error;
use ff::PrimeField;
use halo2curves::bn256::Fr;

/// `log2(length)` of a vector that must fill a domain.
pub(crate) fn domain(operation: &'static str, length: usize) -> Result<u32, Error> {
    if length.is_power_of_two() && length.trailing_zeros() <= Fr::S {
        Ok(length.trailing_zeros())
    } else {
        Err(Error::Domain {
            operation,
            found: length,
        })
    }
}

/// Equality of two lengths.
pub(crate) fn equal(operation: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::length(operation, expected, found))
    }
}

/// Vectors that fall into pieces of `size`; how many pieces each has.
pub(crate) fn pieces(
    operation: &'static str,
    size: usize,
    lengths: impl Iterator<Item = usize>,
) -> Result<Vec<usize>, Error> {
    lengths
        .map(|found| match found.checked_div(size) {
            Some(pieces) if pieces > 0 && pieces * size == found => Ok(pieces),
            _ => Err(Error::length(
                operation,
                size.max(1) * found.checked_div(size).unwrap_or(0).max(1),
                found,
            )),
        })
        .collect()
}

/// `start..start + count` within `length`.
pub(crate) fn range(operation: &'static str, start: usize, count: usize, length: usize) -> Result<(), Error> {
    match start.checked_add(count) {
        Some(end) if end <= length => Ok(()),
        _ => Err(Error::Range {
            operation,
            start,
            count,
            length,
        }),
    }
}

/// A shift that has an inverse.
pub(crate) fn shift(operation: &'static str, shift: Fr) -> Result<(), Error> {
    if shift == Fr::zero() {
        Err(Error::ZeroShift { operation })
    } else {
        Ok(())
    }
}

/// The columns of a multiplication against its bases: none may be longer.
pub(crate) fn column(bases: usize, length: usize) -> Result<(), Error> {
    if length <= bases {
        Ok(())
    } else {
        Err(Error::length("msm", bases, length))
    }
}

/// Lists of codes, at least one and all of one length, that are positions in a table; that length.
pub(crate) fn codes(operation: &'static str, codes: &[&[i32]], entries: usize) -> Result<usize, Error> {
    let rows = codes
        .first()
        .map(|codes| codes.len())
        .ok_or(Error::empty(operation, "list of codes"))?;
    for list in codes {
        equal(operation, rows, list.len())?;
        let outside = |code: &&i32| usize::try_from(**code).map_or(true, |code| code >= entries);
        if let Some(&code) = list.iter().find(outside) {
            return Err(Error::Code {
                operation,
                entries,
                found: code,
            });
        }
    }
    Ok(rows)
}

/// The first `rows` integers of each list in host memory, which must have so many.
pub(crate) fn first_rows<'a>(
    operation: &'static str,
    lists: &[&'a Vec<i32>],
    rows: usize,
) -> Result<Vec<&'a [i32]>, Error> {
    let first = |list: &&'a Vec<i32>| list.get(..rows).ok_or(Error::length(operation, rows, list.len()));
    lists.iter().map(first).collect()
}

/// The common length of a program's columns: at least one column, and all of one length.
pub(crate) fn columns(lengths: impl IntoIterator<Item = usize>) -> Result<usize, Error> {
    let mut lengths = lengths.into_iter();
    let rows = lengths.next().ok_or(Error::empty("run", "column"))?;
    lengths.try_for_each(|length| equal("run", rows, length))?;
    Ok(rows)
}
