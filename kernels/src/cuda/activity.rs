//! What a GPU was asked to do.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the backend was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Operations whose kernels were queued.
    pub operations: u64,
    /// Bytes copied to the device.
    pub to_device: u64,
    /// Bytes copied from the device.
    pub to_host: u64,
    /// Most bytes that one operation copied from the device.
    pub largest_to_host: u64,
}

/// The counters behind [`Activity`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    operations: AtomicU64,
    to_device: AtomicU64,
    to_host: AtomicU64,
    largest_to_host: AtomicU64,
}

impl Counters {
    pub fn operation(&self) {
        self.operations.fetch_add(1, Ordering::Relaxed);
    }

    pub fn to_device(&self, bytes: usize) {
        self.to_device.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn to_host(&self, bytes: usize) {
        self.to_host.fetch_add(bytes as u64, Ordering::Relaxed);
        self.largest_to_host.fetch_max(bytes as u64, Ordering::Relaxed);
    }

    pub fn read(&self) -> Activity {
        Activity {
            operations: self.operations.load(Ordering::Relaxed),
            to_device: self.to_device.load(Ordering::Relaxed),
            to_host: self.to_host.load(Ordering::Relaxed),
            largest_to_host: self.largest_to_host.load(Ordering::Relaxed),
        }
    }

    /// From here on the largest transfer counts anew.
    pub fn forget_largest(&self) {
        self.largest_to_host.store(0, Ordering::Relaxed);
    }
}
