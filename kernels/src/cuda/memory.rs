//! Device memory that frees itself, and in which order threads may use it.
//!
//! Work of one queue is done in order. Where a thread uses what another queue wrote, the CPU waits for that queue
//! once, and the memory counts as settled: keys and bases are written once and read by many proofs.

use super::driver::{Address, Driver};
use super::plain::{bytes, bytes_mut};
use super::queue::{Device, OUT_OF_MEMORY, Operation, QUEUES};
use crate::Error;
use crate::field::words::{Words, words, words_mut};
use ff::Field;
use halo2curves::bn256::Fr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// No queue may still write the memory.
const SETTLED: usize = usize::MAX;

const _: () = assert!(QUEUES <= u32::BITS as usize);

/// Device memory.
pub(super) struct Buffer {
    device: Arc<Device>,
    address: Address,
    bytes: usize,
    /// The queue that wrote it last, or [`SETTLED`].
    writer: AtomicUsize,
    /// A bit for each queue that may still read or write it.
    users: AtomicU32,
}

impl Buffer {
    /// Memory that was allocated for the work of a queue.
    pub fn new(device: &Arc<Device>, address: Address, bytes: usize, queue: usize) -> Self {
        Self {
            device: device.clone(),
            address,
            bytes,
            writer: AtomicUsize::new(queue),
            users: AtomicU32::new(1 << queue),
        }
    }

    /// No memory.
    pub fn empty(device: &Arc<Device>) -> Self {
        Self {
            device: device.clone(),
            address: Address::NULL,
            bytes: 0,
            writer: AtomicUsize::new(SETTLED),
            users: AtomicU32::new(0),
        }
    }

    /// Number of bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The address, for an operation that reads it.
    ///
    /// # Errors
    /// [`Error::ForeignMemory`] for memory of another GPU; [`Error::Device`].
    pub fn read(&self, operation: &Operation<'_>) -> Result<Address, Error> {
        self.check(operation)?;
        let own = operation.number();
        let writer = self.writer.load(Ordering::Acquire);
        if writer != SETTLED && writer != own {
            self.device
                .driver
                .synchronize(&self.device.queue(writer).stream)?;
            self.writer.store(SETTLED, Ordering::Release);
        }
        self.users.fetch_or(1 << own, Ordering::AcqRel);
        Ok(self.address)
    }

    /// The address, for an operation that writes it, or reads and writes it.
    ///
    /// # Errors
    /// As [`Buffer::read`].
    pub fn write(&mut self, operation: &Operation<'_>) -> Result<Address, Error> {
        self.check(operation)?;
        let own = operation.number();
        for other in queues(*self.users.get_mut()).filter(|queue| *queue != own) {
            self.device.driver.synchronize(&self.device.queue(other).stream)?;
        }
        *self.users.get_mut() = 1 << own;
        *self.writer.get_mut() = own;
        Ok(self.address)
    }

    fn check(&self, operation: &Operation<'_>) -> Result<(), Error> {
        if Arc::ptr_eq(&self.device, operation.device()) {
            return Ok(());
        }
        Err(Error::ForeignMemory {
            operation: operation.name,
            expected: operation.device().index(),
            found: self.device.index(),
        })
    }

    /// Has later work of a queue wait for what other queues still do with the memory.
    fn order(&self, last: usize, users: u32) -> Result<(), Error> {
        let driver = &self.device.driver;
        driver.activate()?;
        for other in queues(users).filter(|queue| *queue != last) {
            let event = driver.event()?;
            driver.record(&event, &self.device.queue(other).stream)?;
            driver.order(&self.device.queue(last).stream, &event)?;
        }
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let users = *self.users.get_mut();
        let last = match *self.writer.get_mut() {
            SETTLED => queues(users).next().unwrap_or(0),
            queue => queue,
        };
        let driver = &self.device.driver;
        // An error cannot be returned from here, and a GPU that cannot do these things has failed elsewhere.
        if self.order(last, users).is_err() {
            for queue in queues(users) {
                let _ = driver.synchronize(&self.device.queue(queue).stream);
            }
        }
        let _ = driver.free(self.address, &self.device.queue(last).stream);
    }
}

/// The numbers of a set of queues.
fn queues(set: u32) -> impl Iterator<Item = usize> {
    (0..QUEUES).filter(move |queue| set >> queue & 1 == 1)
}

/// Field elements in device memory.
pub struct Vector {
    pub(super) buffer: Buffer,
    pub(super) length: usize,
}

impl std::fmt::Debug for Vector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vector")
            .field("device", &self.buffer.device.index())
            .field("length", &self.length)
            .finish()
    }
}

/// Bytes of an element.
pub(super) const ELEMENT: usize = size_of::<Words>();

impl Vector {
    /// A vector whose elements are still to be written.
    pub(super) fn new(operation: &Operation<'_>, length: usize) -> Result<Self, Error> {
        Ok(Self {
            buffer: operation.allocate(length * ELEMENT)?,
            length,
        })
    }

    /// The address, for an operation that reads it.
    pub(super) fn read(&self, operation: &Operation<'_>) -> Result<*const Words, Error> {
        Ok(self.buffer.read(operation)?.pointer::<Words>())
    }

    /// The address, for an operation that writes it.
    pub(super) fn write(&mut self, operation: &Operation<'_>) -> Result<*mut Words, Error> {
        Ok(self.buffer.write(operation)?.pointer())
    }
}

impl Operation<'_> {
    /// Device memory. Where there is none, all that was freed is waited for first.
    ///
    /// # Errors
    /// [`Error::Device`].
    pub(super) fn allocate(&self, bytes: usize) -> Result<Buffer, Error> {
        let (device, stream) = (self.device(), &self.queue().stream);
        if bytes == 0 {
            return Ok(Buffer::empty(device));
        }
        let driver = &device.driver;
        let address = match driver.allocate(bytes, stream) {
            Err(Error::Device {
                code: OUT_OF_MEMORY, ..
            }) => {
                for queue in 0..QUEUES {
                    driver.synchronize(&device.queue(queue).stream)?;
                }
                driver.trim()?;
                driver.allocate(bytes, stream)?
            }
            other => other?,
        };
        Ok(Buffer::new(device, address, bytes, self.number()))
    }

    /// A vector of elements.
    pub(super) fn vector(&self, values: &[Fr]) -> Result<Vector, Error> {
        let mut vector = Vector::new(self, values.len())?;
        self.write(&mut vector, 0, values)?;
        Ok(vector)
    }

    /// Overwrites elements that the vector has.
    pub(super) fn write(&self, vector: &mut Vector, start: usize, values: &[Fr]) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        let target = vector.buffer.write(self)?.offset(start * ELEMENT);
        self.upload(target, bytes(words(values)))
    }

    /// Elements that the vector has.
    pub(super) fn elements(&self, vector: &Vector, start: usize, count: usize) -> Result<Vec<Fr>, Error> {
        let mut values = vec![Fr::ZERO; count];
        if count > 0 {
            let source = vector.buffer.read(self)?.offset(start * ELEMENT);
            self.download(bytes_mut(words_mut(&mut values)), source)?;
        }
        Ok(values)
    }
}
