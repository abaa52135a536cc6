//! Fetching points into the cache before they are needed.
#![allow(unsafe_code)] // The one instruction for it.

use super::point::Point;

/// Starts to load a point, where the machine has an instruction for it.
#[inline(always)]
pub(super) fn prefetch(point: &Point) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 machine has SSE, and prefetching an address has no effect on memory.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(point).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = point;
}
