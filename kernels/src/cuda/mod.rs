//! CUDA GPUs as a backend.
//!
//! - [`driver`]: what is needed of CUDA's runtime, and an emulation of it for tests;
//! - [`ffi`]: the kernels, which are compiled from `cuda/`;
//! - [`queue`], [`memory`], [`staging`]: streams, device memory that frees itself, transfers;
//! - [`split`]: work in parts that fit into memory;
//! - [`transform`], [`multiply`], [`windows`], [`dictionary`], [`integers`], [`encode`], [`backend`]: the operations.
//!
//! Vectors and bases stay on the device; what comes back are results of multiplications and evaluations, and
//! what a caller reads. An operation queues its work and returns; it waits only where it brings something back.
//! Each thread has a queue of its own, so that several proofs share a GPU; each GPU is a backend of its own.
//!
//! Results are those of the CPU, bit for bit: field elements are canonical, and points exact.

mod activity;
mod backend;
mod dictionary;
mod driver;
mod encode;
#[doc(hidden)]
pub mod ffi;
mod integers;
mod memory;
mod multiply;
mod plain;
mod queue;
mod split;
mod staging;
mod status;
mod transform;
mod windows;

pub use activity::Activity;
pub use driver::{Description, Versions};
#[cfg(not(feature = "cuda"))]
pub use driver::{fail_call, fail_call_with, failure_is_pending};
pub use integers::Integers;
pub use memory::Vector;
pub use multiply::Bases;

use crate::Error;
use driver::{Driver, Platform};
use queue::{Device, Operation};
use std::sync::Arc;
use transform::Tables;

/// A GPU. Clones share it.
#[derive(Clone)]
pub struct Cuda {
    device: Arc<Device>,
    /// Not of the device: they hold memory, which holds the device.
    tables: Arc<Tables>,
}

impl std::fmt::Debug for Cuda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cuda").field(self.description()).finish()
    }
}

impl Cuda {
    /// Number of GPUs that the driver shows.
    ///
    /// # Errors
    /// [`Error::Device`], where there is no driver among others.
    pub fn count() -> Result<usize, Error> {
        Platform::count()
    }

    /// Versions of the driver and of the runtime that this program was linked with.
    ///
    /// # Errors
    /// [`Error::Device`].
    pub fn versions() -> Result<Versions, Error> {
        Platform::versions()
    }

    /// Opens the GPU of that number, from 0.
    ///
    /// # Errors
    /// [`Error::NoDevice`] if there is none, with the reason; [`Error::Device`] if it cannot be used.
    pub fn new(index: usize) -> Result<Self, Error> {
        let (found, reason) = match Platform::count() {
            Ok(found) if index < found => {
                return Ok(Self {
                    device: Device::open(index)?,
                    tables: Arc::default(),
                });
            }
            Ok(0) => (0, "the driver shows none; check `nvidia-smi`".to_owned()),
            Ok(found) => (found, format!("choose one of 0 to {}", found - 1)),
            Err(Error::Device { message, .. }) => (0, message),
            Err(error) => (0, error.to_string()),
        };
        Err(Error::NoDevice {
            wanted: index,
            found,
            reason,
        })
    }

    /// What the GPU is.
    pub fn description(&self) -> &Description {
        self.device.driver.description()
    }

    /// Bytes of its memory that could be allocated now.
    ///
    /// # Errors
    /// [`Error::Device`].
    pub fn available(&self) -> Result<usize, Error> {
        self.start("available")?.available()
    }

    /// What it was asked to do since it was opened here.
    pub fn activity(&self) -> Activity {
        self.device.counters.read()
    }

    /// From here on [`Activity::largest_to_host`] counts anew.
    pub fn forget_largest(&self) {
        self.device.counters.forget_largest();
    }

    /// Waits until the work of the calling thread is done: for timings, and to learn of failures early.
    ///
    /// # Errors
    /// [`Error::Device`] of any work before.
    pub fn synchronize(&self) -> Result<(), Error> {
        self.start("synchronize")?.synchronize()
    }

    /// Squares every element so many times: what products in the field cost where nothing else limits them.
    ///
    /// # Errors
    /// [`Error::Device`].
    #[doc(hidden)]
    pub fn square_repeatedly(&self, vector: &mut Vector, rounds: u32) -> Result<(), Error> {
        backend::square_repeatedly(&self.start("square_repeatedly")?, vector, rounds)
    }

    fn start(&self, name: &'static str) -> Result<Operation<'_>, Error> {
        self.device.start(name)
    }
}
