//! The kernels' C interface: what `cuda/zkml_cuda.h` declares and documents.
#![allow(unsafe_code, missing_docs)] // Foreign functions; the header says what they do and expect.

use std::ffi::{c_char, c_int, c_void};

/// A field element or a coordinate: the words of [`crate::field::words`].
pub type Words = [u64; 4];
/// A `cudaStream_t`.
pub type RawStream = *mut c_void;

pub const NTT_FORWARD: u32 = 0;
pub const NTT_INVERSE: u32 = 1;

pub const SCALARS_FULL: u32 = 0;
pub const SCALARS_SMALL: u32 = 1;

/// A point `(x / zz, y / zzz)`; `zz = 0` is the identity.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Xyzz {
    pub x: Words,
    pub y: Words,
    pub zz: Words,
    pub zzz: Words,
}

/// A column of scalars, or a part of one.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct MsmPart {
    pub scalars: *const c_void,
    pub count: u64,
    pub first_base: u64,
    pub kind: u32,
    pub bits: u32,
    pub windows: u32,
    pub buckets: u32,
    pub cost: u64,
}

/// A column of codes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct DictionaryColumn {
    pub codes: *const *const i32,
    pub lists: u64,
    pub rows: u64,
    pub entries: u64,
}

pub const OP_ADD: u32 = 0;
pub const OP_SUB: u32 = 1;
pub const OP_MUL: u32 = 2;
pub const OP_MUL_ADD: u32 = 3;

pub const FROM_SLOT: u32 = 0;
pub const FROM_COLUMN: u32 = 1;
pub const FROM_CONSTANT: u32 = 2;
pub const FROM_LAST: u32 = 3;
pub const FROM_ZERO: u32 = 4;

pub const NO_SLOT: u32 = u32::MAX;

/// What an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawOperand {
    pub from: u32,
    pub index: u32,
    pub rotation: u32,
}

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawInstruction {
    pub operation: u32,
    pub target: u32,
    pub a: RawOperand,
    pub b: RawOperand,
    pub c: RawOperand,
}

unsafe extern "C" {
    pub fn zkml_failed_call() -> *const c_char;
    pub fn zkml_status_text(status: c_int) -> *const c_char;
    pub fn zkml_kernels_load() -> c_int;

    pub fn zkml_expand_small(stream: RawStream, values: *const i32, count: usize, out: *mut Words) -> c_int;

    pub fn zkml_expand_dictionary_workspace(lists: usize) -> usize;
    pub fn zkml_expand_dictionary(
        stream: RawStream,
        lists: usize,
        codes: *const *const i32,
        count: usize,
        table: *const Words,
        out: *mut Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_probe_multiply(stream: RawStream, values: *mut Words, count: usize, rounds: u32) -> c_int;

    pub fn zkml_ntt_table_elements(log_size: u32) -> usize;
    pub fn zkml_ntt_table(
        stream: RawStream,
        log_size: u32,
        root: *const Words,
        root_inverse: *const Words,
        size_inverse: *const Words,
        table: *mut Words,
    ) -> c_int;
    pub fn zkml_ntt_workspace(log_size: u32, batch: usize) -> usize;
    pub fn zkml_ntt(
        stream: RawStream,
        direction: u32,
        log_size: u32,
        batch: usize,
        sources: *const *const Words,
        targets: *const *mut Words,
        table: *const Words,
        shift: *const Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_msm_plan(part: *mut MsmPart, largest: u32);
    pub fn zkml_msm_workspace_least(parts: *const MsmPart, count: usize) -> usize;
    pub fn zkml_msm_workspace_most(parts: *const MsmPart, count: usize) -> usize;
    pub fn zkml_msm(
        stream: RawStream,
        bases: *const [Words; 2],
        parts: *const MsmPart,
        count: usize,
        sums: *mut Xyzz,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_code_sums_workspace(columns: *const DictionaryColumn, count: usize) -> usize;
    pub fn zkml_code_sums(
        stream: RawStream,
        bases: *const [Words; 2],
        columns: *const DictionaryColumn,
        count: usize,
        sums: *mut [Words; 2],
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_batch_invert_workspace(count: usize) -> usize;
    pub fn zkml_batch_invert(
        stream: RawStream,
        values: *mut Words,
        count: usize,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_running_product_workspace(count: usize) -> usize;
    pub fn zkml_running_product(
        stream: RawStream,
        values: *const Words,
        count: usize,
        start: *const Words,
        out: *mut Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_divide_by_linear_workspace(count: usize) -> usize;
    pub fn zkml_divide_by_linear(
        stream: RawStream,
        coefficients: *mut Words,
        count: usize,
        root: *const Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_linear_combination_workspace(terms: usize) -> usize;
    pub fn zkml_linear_combination(
        stream: RawStream,
        terms: usize,
        factors: *const Words,
        vectors: *const *const Words,
        lengths: *const usize,
        length: usize,
        out: *mut Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_evaluate_workspace(queries: usize, lengths: *const usize) -> usize;
    pub fn zkml_evaluate(
        stream: RawStream,
        queries: usize,
        vectors: *const *const Words,
        lengths: *const usize,
        points: *const Words,
        results: *mut Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_fold_workspace(batch: usize) -> usize;
    pub fn zkml_fold(
        stream: RawStream,
        batch: usize,
        sources: *const *const Words,
        lengths: *const usize,
        size: usize,
        factor: *const Words,
        targets: *const *mut Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;

    pub fn zkml_program_workspace(
        instructions: usize,
        slots: u32,
        columns: usize,
        constants: usize,
        rows: usize,
    ) -> usize;
    pub fn zkml_program_run(
        stream: RawStream,
        code: *const RawInstruction,
        instructions: usize,
        slots: u32,
        result: *const RawOperand,
        columns: *const *const Words,
        column_count: usize,
        constants: *const Words,
        constant_count: usize,
        rows: usize,
        out: *mut Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;
}

/// The emulated device.
#[cfg(not(feature = "cuda"))]
pub use emulated::*;

#[cfg(not(feature = "cuda"))]
mod emulated {
    use super::*;

    /// A `cudaEvent_t`.
    pub type RawEvent = *mut c_void;

    unsafe extern "C" {
        pub fn zkml_device_alloc(bytes: usize, out: *mut *mut c_void) -> c_int;
        pub fn zkml_device_free(memory: *mut c_void) -> c_int;
        pub fn zkml_device_free_async(memory: *mut c_void, stream: RawStream) -> c_int;
        pub fn zkml_device_upload(
            device: *mut c_void,
            host: *const c_void,
            bytes: usize,
            stream: RawStream,
        ) -> c_int;
        pub fn zkml_device_download(
            host: *mut c_void,
            device: *const c_void,
            bytes: usize,
            stream: RawStream,
        ) -> c_int;
        pub fn zkml_device_copy(
            to: *mut c_void,
            from: *const c_void,
            bytes: usize,
            stream: RawStream,
        ) -> c_int;
        pub fn zkml_device_set(device: *mut c_void, byte: c_int, bytes: usize, stream: RawStream) -> c_int;
        pub fn zkml_device_memory(free_bytes: *mut usize, total_bytes: *mut usize) -> c_int;
        pub fn zkml_device_stream_create(out: *mut RawStream) -> c_int;
        pub fn zkml_device_stream_destroy(stream: RawStream) -> c_int;
        pub fn zkml_device_stream_synchronize(stream: RawStream) -> c_int;
        pub fn zkml_device_stream_wait(stream: RawStream, event: RawEvent) -> c_int;
        pub fn zkml_device_event_create(out: *mut RawEvent) -> c_int;
        pub fn zkml_device_event_destroy(event: RawEvent) -> c_int;
        pub fn zkml_device_event_record(event: RawEvent, stream: RawStream) -> c_int;
        pub fn zkml_device_event_synchronize(event: RawEvent) -> c_int;

        pub fn zkml_host_set_late(late: c_int);
        pub fn zkml_host_set_memory(bytes: usize);
        pub fn zkml_host_allocated() -> usize;
        pub fn zkml_host_set_order(seed: u64);
        pub fn zkml_host_fail_launch(launches: u64);
        pub fn zkml_host_launches() -> u64;
        pub fn zkml_host_set_checked(checked: c_int);
        pub fn zkml_host_checked() -> u64;
    }
}
