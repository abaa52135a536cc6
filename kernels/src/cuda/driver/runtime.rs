//! The calls of the CUDA runtime that icicle-cuda-runtime lacks: it has no way to count or choose devices, to
//! ask for memory, to page-lock host memory, to record events, to copy on the device, to name an error; and
//! where it frees memory, it panics if that fails, as it does on a GPU that is lost.
#![allow(unsafe_code)] // Foreign functions, as `cuda_runtime_api.h` declares them.

use std::ffi::{c_char, c_int, c_uint, c_void};

pub(super) type RawEvent = *mut c_void;
pub(super) type RawPool = *mut c_void;

// Numbers of `cudaDeviceAttr`.
pub(super) const CLOCK_RATE: c_int = 13;
pub(super) const MULTIPROCESSORS: c_int = 16;
pub(super) const CAPABILITY_MAJOR: c_int = 75;
pub(super) const CAPABILITY_MINOR: c_int = 76;
pub(super) const MEMORY_POOLS: c_int = 115;

// Numbers of `cudaMemPoolAttr`.
pub(super) const POOL_RELEASE_THRESHOLD: c_int = 4;
pub(super) const POOL_RESERVED: c_int = 5;
pub(super) const POOL_USED: c_int = 7;

/// `cudaEventDisableTiming`
pub(super) const EVENT_WITHOUT_TIMING: c_uint = 2;
/// `cudaHostAllocPortable`: pinned for every device.
pub(super) const HOST_PORTABLE: c_uint = 1;
/// `cudaMemcpyDeviceToDevice`
pub(super) const DEVICE_TO_DEVICE: c_int = 3;
/// `cudaErrorNotSupported`
pub(super) const NOT_SUPPORTED: c_int = 801;

/// More than any version's `cudaDeviceProp` takes. Its first 256 bytes are the name, in every version.
#[repr(C, align(16))]
pub(super) struct Properties(pub(super) [u8; 8192]);

unsafe extern "C" {
    pub(super) fn cudaGetDeviceCount(count: *mut c_int) -> c_int;
    pub(super) fn cudaSetDevice(device: c_int) -> c_int;
    pub(super) fn cudaDeviceGetAttribute(value: *mut c_int, attribute: c_int, device: c_int) -> c_int;
    pub(super) fn cudaGetDeviceProperties(properties: *mut Properties, device: c_int) -> c_int;
    pub(super) fn cudaDriverGetVersion(version: *mut c_int) -> c_int;
    pub(super) fn cudaRuntimeGetVersion(version: *mut c_int) -> c_int;
    pub(super) fn cudaMemGetInfo(free: *mut usize, total: *mut usize) -> c_int;
    pub(super) fn cudaDeviceGetDefaultMemPool(pool: *mut RawPool, device: c_int) -> c_int;
    pub(super) fn cudaMemPoolSetAttribute(pool: RawPool, attribute: c_int, value: *mut c_void) -> c_int;
    pub(super) fn cudaMemPoolGetAttribute(pool: RawPool, attribute: c_int, value: *mut c_void) -> c_int;
    pub(super) fn cudaMemPoolTrimTo(pool: RawPool, keep: usize) -> c_int;
    pub(super) fn cudaFreeAsync(memory: *mut c_void, stream: *mut c_void) -> c_int;
    pub(super) fn cudaHostAlloc(memory: *mut *mut c_void, bytes: usize, flags: c_uint) -> c_int;
    pub(super) fn cudaFreeHost(memory: *mut c_void) -> c_int;
    pub(super) fn cudaMemcpyAsync(
        target: *mut c_void,
        source: *const c_void,
        bytes: usize,
        kind: c_int,
        stream: *mut c_void,
    ) -> c_int;
    pub(super) fn cudaEventCreateWithFlags(event: *mut RawEvent, flags: c_uint) -> c_int;
    pub(super) fn cudaEventRecord(event: RawEvent, stream: *mut c_void) -> c_int;
    pub(super) fn cudaEventSynchronize(event: RawEvent) -> c_int;
    pub(super) fn cudaEventDestroy(event: RawEvent) -> c_int;
    pub(super) fn cudaStreamWaitEvent(stream: *mut c_void, event: RawEvent, flags: c_uint) -> c_int;
    pub(super) fn cudaGetErrorName(error: c_int) -> *const c_char;
    pub(super) fn cudaGetErrorString(error: c_int) -> *const c_char;
}
