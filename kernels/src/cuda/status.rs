//! From a status of the kernels' library to an error.
#![allow(unsafe_code)] // Texts of the library.

use super::ffi;
use crate::Error;
use std::ffi::{CStr, c_char, c_int};

/// Text of the library.
fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the library's texts end in zero and are never freed.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// The error of a call that failed.
pub(super) fn check(device: usize, call: &str, code: c_int) -> Result<(), Error> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: it takes any number.
    let message = text(unsafe { ffi::zkml_status_text(code) });
    Err(Error::Device {
        device,
        call: call.to_owned(),
        code,
        message,
    })
}

/// The error of an operation of the library, which knows the call that failed in it.
pub(super) fn check_operation(device: usize, operation: &str, code: c_int) -> Result<(), Error> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: a text of this thread, which no other call changes before it is copied.
    let call = text(unsafe { ffi::zkml_failed_call() });
    check(device, &format!("{operation}: {call}"), code)
}

/// Whether the calling thread's GPU can run the kernels.
///
/// # Errors
/// [`Error::Device`], where this program has no code for the GPU among others.
pub(super) fn check_kernels(device: usize) -> Result<(), Error> {
    // SAFETY: it asks the runtime about a kernel.
    check_operation(device, "open", unsafe { ffi::zkml_kernels_load() })
}
