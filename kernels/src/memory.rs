//! Memory in huge pages.
//!
//! A multi-scalar multiplication reads points from all over its bases, and a transform walks over columns of a matrix:
//! with pages of 4 KB most of what they touch misses the processor's table of addresses.
#![allow(unsafe_code)] // One system call.

/// Size and alignment of a huge page on x86-64.
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
const HUGE_PAGE: usize = 1 << 21;

/// Asks the system for huge pages behind memory that is about to be written for the first time. Whether it gets them
/// shows in the time alone: memory that was used before keeps the pages that it has.
pub(crate) fn advise_huge<T>(memory: &mut [T]) {
    #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
    {
        // Only whole pages: what lies beside the memory belongs to others.
        let bytes = memory.as_mut_ptr().cast::<u8>();
        let skipped = bytes.align_offset(HUGE_PAGE);
        let whole = size_of_val(memory).saturating_sub(skipped) / HUGE_PAGE * HUGE_PAGE;
        if whole > 0 {
            // SAFETY: the range is a part of the slice, which is borrowed for writing, and the advice leaves its
            // contents as they are.
            let _refused =
                unsafe { libc::madvise(bytes.wrapping_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64", not(miri))))]
    let _ = memory;
}

/// An empty vector with room for so many, in huge pages where it is large.
pub(crate) fn with_capacity<T>(len: usize) -> Vec<T> {
    let mut memory = Vec::with_capacity(len);
    advise_huge(memory.spare_capacity_mut());
    memory
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of sizes and at places on both sides of a huge page's edges.
    #[test]
    fn contents_stay() {
        for len in [0, 1, 1 << 18, (1 << 18) + 1, (1 << 19) - 1, 1 << 20] {
            let mut memory: Vec<u64> = with_capacity(len);
            memory.extend(0..len as u64);
            for start in [0, 1, 511] {
                advise_huge(memory.get_mut(start..).unwrap_or_default());
            }
            assert!(memory.iter().copied().eq(0..len as u64), "{len}");
        }
    }
}
