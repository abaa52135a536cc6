//! What the backend needs of a GPU's driver, and two that give it: CUDA's own, and an emulation.
//!
//! Everything above this module is the same for both, so that tests on a machine without a GPU
//! run the backend's own memory handling, planning and errors.

#[cfg(feature = "cuda")]
mod device;
#[cfg(not(feature = "cuda"))]
mod emulated;
#[cfg(feature = "cuda")]
mod runtime;

#[cfg(feature = "cuda")]
pub(super) use device::Gpu as Platform;
#[cfg(not(feature = "cuda"))]
pub(super) use emulated::Emulated as Platform;
#[cfg(not(feature = "cuda"))]
pub use emulated::{fail_call, fail_call_with, failure_is_pending};

use super::ffi::RawStream;
use crate::Error;
use std::ops::DerefMut;

/// An address in device memory. It means nothing to the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address(pub(super) usize);

impl Address {
    /// No memory: what an empty vector has.
    pub(super) const NULL: Self = Self(0);

    /// The address so many bytes further.
    pub(super) fn offset(self, bytes: usize) -> Self {
        Self(self.0 + bytes)
    }

    /// The address as the kernels take it.
    pub(super) fn pointer<T>(self) -> *mut T {
        std::ptr::with_exposed_provenance_mut(self.0)
    }
}

/// What is known of a GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its number, as the driver counts.
    pub index: usize,
    /// Its name, as `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// Compute capability: 9.0 for Hopper.
    pub capability: (u32, u32),
    /// Multiprocessors.
    pub multiprocessors: u32,
    /// Highest clock in kHz; 0 where the driver does not say.
    pub clock: u32,
    /// Bytes of memory.
    pub memory: usize,
}

/// Versions, as CUDA numbers them: 13000 for 13.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The newest CUDA that the driver knows; 0 without a driver.
    pub driver: u32,
    /// The CUDA runtime that this program was linked with.
    pub runtime: u32,
}

/// A GPU, opened. Queued work is done in the order of its stream; nothing waits unless it says so.
///
/// # Errors
/// Every call that fails gives [`Error::Device`] with the name of the CUDA call.
pub(super) trait Driver: Sized + Send + Sync {
    /// Work that is done in order.
    type Stream: Send + Sync;
    /// A place in a stream's work.
    type Event: Send + Sync;
    /// Host memory that the device copies to and from by itself.
    type Pinned: DerefMut<Target = [u8]> + Send;

    /// Number of GPUs.
    fn count() -> Result<usize, Error>;
    /// Versions of driver and runtime.
    fn versions() -> Result<Versions, Error>;
    /// Opens a GPU.
    fn open(index: usize) -> Result<Self, Error>;
    /// What it is.
    fn description(&self) -> &Description;
    /// What to say that it is, before its name: `cuda`.
    const KIND: &'static str;

    /// Makes this the GPU of the calling thread.
    fn activate(&self) -> Result<(), Error>;
    /// A new stream.
    fn stream(&self) -> Result<Self::Stream, Error>;
    /// The stream as the kernels take it.
    fn raw(stream: &Self::Stream) -> RawStream;
    /// Waits until all work of a stream is done.
    fn synchronize(&self, stream: &Self::Stream) -> Result<(), Error>;
    /// A new event, which has happened.
    fn event(&self) -> Result<Self::Event, Error>;
    /// Moves an event to the end of a stream's work.
    fn record(&self, event: &Self::Event, stream: &Self::Stream) -> Result<(), Error>;
    /// Waits for an event.
    fn wait(&self, event: &Self::Event) -> Result<(), Error>;
    /// Has later work of a stream wait for an event.
    fn order(&self, stream: &Self::Stream, event: &Self::Event) -> Result<(), Error>;

    /// Bytes that could be allocated.
    fn available(&self) -> Result<usize, Error>;
    /// Gives memory that is kept for later allocations back.
    fn trim(&self) -> Result<(), Error>;
    /// Device memory, at least one byte, for work of this stream from now on.
    fn allocate(&self, bytes: usize, stream: &Self::Stream) -> Result<Address, Error>;
    /// Frees device memory behind a stream's work.
    fn free(&self, address: Address, stream: &Self::Stream) -> Result<(), Error>;
    /// Host memory for transfers.
    fn pinned(&self, bytes: usize) -> Result<Self::Pinned, Error>;

    /// Copies the first bytes of pinned memory to the device. They must stay until the stream has
    /// passed this.
    fn upload(
        &self,
        target: Address,
        source: &Self::Pinned,
        bytes: usize,
        stream: &Self::Stream,
    ) -> Result<(), Error>;
    /// Copies to the first bytes of pinned memory, and waits.
    fn download(
        &self,
        target: &mut Self::Pinned,
        source: Address,
        bytes: usize,
        stream: &Self::Stream,
    ) -> Result<(), Error>;
    /// Copies on the device.
    fn copy(
        &self,
        target: Address,
        source: Address,
        bytes: usize,
        stream: &Self::Stream,
    ) -> Result<(), Error>;
}
