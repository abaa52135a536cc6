//! Columns of a slice that are written by different threads.
#![allow(unsafe_code)] // Disjoint parts of one slice.

use crate::field::words::Words;
use std::marker::PhantomData;

/// A slice seen as rows of a fixed length, whose columns are written by different threads.
pub(super) struct StridedColumns<'a> {
    start: *mut Words,
    stride: usize,
    rows: usize,
    slice: PhantomData<&'a mut [Words]>,
}

// SAFETY: it is an exclusive borrow of the slice; what it hands out is disjoint by the
// contract of `select`.
unsafe impl Sync for StridedColumns<'_> {}

impl<'a> StridedColumns<'a> {
    /// `stride` must be a multiple of eight that divides the length, which is not zero.
    pub(super) fn new(slice: &'a mut [Words], stride: usize) -> Self {
        assert!(!slice.is_empty() && stride.is_multiple_of(8) && slice.len().is_multiple_of(stride));
        Self {
            start: slice.as_mut_ptr(),
            stride,
            rows: slice.len() / stride,
            slice: PhantomData,
        }
    }

    /// The columns `8 group..8 group + 8`.
    ///
    /// # Safety
    ///
    /// No group may be selected while another selection of it is in use.
    pub(super) unsafe fn select(&self, group: usize) -> Strided<'a> {
        assert!(group < self.stride / 8);
        // SAFETY: the offset lies in the first row, and there is one.
        let start = unsafe { self.start.add(8 * group) };
        Strided {
            start,
            stride: self.stride,
            rows: self.rows,
            slice: PhantomData,
        }
    }
}

/// Eight adjacent columns of a slice.
pub(super) struct Strided<'a> {
    start: *mut Words,
    stride: usize,
    rows: usize,
    slice: PhantomData<&'a mut [Words]>,
}

impl Strided<'_> {
    /// The eight elements in one row.
    #[inline(always)]
    pub(super) fn chunk(&mut self, row: usize) -> &mut [Words; 8] {
        assert!(row < self.rows);
        // SAFETY: within the slice, as the row is; exclusive, as the columns are this value's alone
        // and it is borrowed exclusively.
        unsafe { &mut *self.start.add(row * self.stride).cast() }
    }
}
