//! Fetching points into the cache before they are needed.
#![allow(unsafe_code)] // The one instruction for it.

use super::point::Point;

/// Starts to load the point at an index into the cache, where the machine has an instruction for it.
#[inline(always)]
pub(super) fn prefetch(points: &[Point], index: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 machine has SSE, and prefetching has no effect on memory whatever the address is.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(points.as_ptr().wrapping_add(index).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (points, index);
}
