//! Work in parts whose workspace fits into memory.

use super::driver::Driver;
use super::memory::Buffer;
use super::queue::{OUT_OF_MEMORY, Operation};
use crate::Error;

/// The part of a GPU's memory that a workspace takes where it can do with less: there are vectors to come, and
/// other proofs.
const SHARE: usize = 4;

/// Bytes of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// With fewer the work cannot be done.
    pub least: usize,
    /// More are not used.
    pub most: usize,
}

impl Need {
    /// No more and no fewer.
    pub fn exactly(bytes: usize) -> Self {
        Self {
            least: bytes,
            most: bytes,
        }
    }
}

/// Bytes of a workspace at most, where less will do.
pub(super) fn share(operation: &Operation<'_>) -> usize {
    operation.device().driver.description().memory / SHARE
}

/// Runs items in order, as many at a time as their workspace fits into a share of the GPU's memory for, and fewer
/// where even that is taken. `need` is the workspace of some items, and rises with them.
///
/// # Errors
/// [`Error::DeviceMemory`] if a single item does not fit, and those of `run`.
pub(super) fn split<T>(
    operation: &Operation<'_>,
    mut items: &[T],
    need: impl Fn(&[T]) -> Need,
    mut run: impl FnMut(&[T], Buffer) -> Result<(), Error>,
) -> Result<(), Error> {
    let limit = share(operation);
    while !items.is_empty() {
        let fitting = fitting(items.len(), |count| need(&items[..count]).least <= limit);
        let (count, workspace) = workspace(operation, items, fitting, limit, &need)?;
        let (batch, rest) = items.split_at(count);
        run(batch, workspace)?;
        items = rest;
    }
    Ok(())
}

/// The largest count up to `most`, and at least 1, that fits; what fits, fits with fewer.
fn fitting(most: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// How many items, at most `count`, are run together, and their workspace.
fn workspace<T>(
    operation: &Operation<'_>,
    items: &[T],
    mut count: usize,
    limit: usize,
    need: &impl Fn(&[T]) -> Need,
) -> Result<(usize, Buffer), Error> {
    loop {
        let Need { least, most } = need(&items[..count]);
        let mut sizes = vec![most.min(limit).max(least), least];
        sizes.dedup();
        for bytes in sizes {
            match operation.allocate(bytes) {
                Err(Error::Device {
                    code: OUT_OF_MEMORY, ..
                }) => {}
                other => return Ok((count, other?)),
            }
        }
        if count == 1 {
            return Err(Error::DeviceMemory {
                operation: operation.name,
                device: operation.device().index(),
                needed: least,
                available: operation.available()?,
            });
        }
        count /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn the_largest_that_fits_is_found() {
        for most in 1..20 {
            for limit in 0..25 {
                assert_eq!(fitting(most, |count| count <= limit), limit.clamp(1, most));
            }
        }
    }
}
