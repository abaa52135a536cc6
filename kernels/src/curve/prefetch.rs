//! Fetching points into a cache before they are needed.
#![allow(unsafe_code)] // The two instructions for it.

use super::point::Point;

/// Where to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cache {
    First,
    Second,
}

/// Starts to load the point at an index into a cache, where the machine has an instruction for it.
#[inline(always)]
pub(super) fn prefetch(points: &[Point], index: usize, cache: Cache) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        let point = points.as_ptr().wrapping_add(index).cast();
        // SAFETY: every x86-64 machine has SSE, and prefetching has no effect on memory whatever the address is.
        unsafe {
            match cache {
                Cache::First => _mm_prefetch::<_MM_HINT_T0>(point),
                Cache::Second => _mm_prefetch::<_MM_HINT_T1>(point),
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (points, index, cache);
}
