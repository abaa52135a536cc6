//! Values as the bytes that they consist of, for transfers.
#![allow(unsafe_code)] // Views of slices.

use super::ffi::{Words, Xyzz};
use crate::curve::Point;

/// Numbers and structures of them, without padding: every pattern of bytes is a value.
///
/// # Safety
/// That must be true.
pub(super) unsafe trait Plain: Copy {}

// SAFETY: a number.
unsafe impl Plain for i32 {}
// SAFETY: four numbers of the same size.
unsafe impl Plain for Words {}
// SAFETY: `repr(C)`, sixteen numbers of the same size.
unsafe impl Plain for Xyzz {}
// SAFETY: `repr(C)`, eight numbers of the same size, and as large as its alignment.
unsafe impl Plain for Point {}

const _: () = assert!(size_of::<Xyzz>() == 128 && size_of::<Point>() == 64);

/// The bytes of values.
pub(super) fn bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: the values are as many initialised bytes, and bytes need no alignment.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// The bytes of values, to write.
pub(super) fn bytes_mut<T: Plain>(values: &mut [T]) -> &mut [u8] {
    // SAFETY: as above, and whatever is written is a value.
    unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), size_of_val(values)) }
}
