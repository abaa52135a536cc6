//! An opened GPU, its queues of work, and what one operation does with them.
//!
//! A GPU has a few queues (CUDA streams). A thread always uses the same one, so that proofs in several threads
//! run side by side, and what one thread asks for is done in order without anybody waiting.

use super::activity::Counters;
use super::driver::{Address, Driver, Platform};
use super::ffi::RawStream;
use super::staging::Staging;
use super::status;
use crate::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Queues of a GPU: more threads than that share them.
pub(super) const QUEUES: usize = 8;

/// `cudaErrorMemoryAllocation`
pub(super) const OUT_OF_MEMORY: i32 = 2;

/// An opened GPU.
pub(super) struct Device {
    pub driver: Platform,
    pub counters: Counters,
    queues: Vec<Queue>,
}

/// A stream with its staging memory.
pub(super) struct Queue {
    /// Its number among those of its GPU.
    pub number: usize,
    pub stream: <Platform as Driver>::Stream,
    staging: Mutex<Staging>,
}

impl Device {
    /// Opens a GPU.
    pub fn open(index: usize) -> Result<Arc<Self>, Error> {
        let driver = Platform::open(index)?;
        status::check_kernels(index)?;
        let queue = |number| {
            Ok(Queue {
                number,
                stream: driver.stream()?,
                staging: Mutex::new(Staging::default()),
            })
        };
        let queues = (0..QUEUES).map(queue).collect::<Result<_, Error>>()?;
        Ok(Arc::new(Self {
            driver,
            counters: Counters::default(),
            queues,
        }))
    }

    /// The GPU's number.
    pub fn index(&self) -> usize {
        self.driver.description().index
    }

    /// A queue by its number.
    pub fn queue(&self, number: usize) -> &Queue {
        &self.queues[number % QUEUES]
    }

    /// The queue of the calling thread.
    fn own_queue(&self) -> &Queue {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        self.queue(THREAD.with(|number| *number))
    }

    /// Starts an operation of the calling thread.
    pub fn start(self: &Arc<Self>, name: &'static str) -> Result<Operation<'_>, Error> {
        self.driver.activate()?;
        Ok(Operation {
            device: self,
            queue: self.own_queue(),
            name,
        })
    }
}

impl Drop for Device {
    /// The device may still be reading from page-locked memory, which is freed with the queues.
    fn drop(&mut self) {
        for queue in &self.queues {
            // A GPU that is lost reads nothing any more.
            let _ = self.driver.synchronize(&queue.stream);
        }
    }
}

/// An operation that is being queued.
pub(super) struct Operation<'d> {
    device: &'d Arc<Device>,
    queue: &'d Queue,
    /// Its name, for errors.
    pub name: &'static str,
}

impl<'d> Operation<'d> {
    /// The GPU.
    pub fn device(&self) -> &'d Arc<Device> {
        self.device
    }

    /// The queue.
    pub fn queue(&self) -> &'d Queue {
        self.queue
    }

    /// The queue's number.
    pub fn number(&self) -> usize {
        self.queue.number
    }

    /// The stream as the kernels take it.
    pub fn stream(&self) -> RawStream {
        Platform::raw(&self.queue.stream)
    }

    /// Counts a call of the kernels' library, and makes an error of its status.
    pub fn check(&self, code: i32) -> Result<(), Error> {
        self.device.counters.operation();
        status::check_operation(self.device.index(), self.name, code)
    }

    /// Bytes that could be allocated.
    pub fn available(&self) -> Result<usize, Error> {
        self.device.driver.available()
    }

    /// Copies bytes to the device. The caller's may change as soon as this returns.
    pub fn upload(&self, target: Address, bytes: &[u8]) -> Result<(), Error> {
        self.device.counters.to_device(bytes.len());
        let mut staging = self.queue.staging.lock().unwrap_or_else(PoisonError::into_inner);
        staging.upload(&self.device.driver, &self.queue.stream, target, bytes)
    }

    /// Copies bytes from the device, and waits.
    pub fn download(&self, bytes: &mut [u8], source: Address) -> Result<(), Error> {
        self.device.counters.to_host(bytes.len());
        let mut staging = self.queue.staging.lock().unwrap_or_else(PoisonError::into_inner);
        staging.download(&self.device.driver, &self.queue.stream, bytes, source)
    }

    /// Copies bytes on the device.
    pub fn copy(&self, target: Address, source: Address, bytes: usize) -> Result<(), Error> {
        if bytes == 0 {
            return Ok(());
        }
        let driver = &self.device.driver;
        driver.copy(target, source, bytes, &self.queue.stream)
    }

    /// Waits until the work of this queue is done.
    pub fn synchronize(&self) -> Result<(), Error> {
        self.device.driver.synchronize(&self.queue.stream)
    }
}
