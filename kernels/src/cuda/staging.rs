//! Transfers through page-locked memory, so that the device copies while the CPU goes on.

use super::driver::{Address, Driver, Platform};
use crate::Error;

/// Bytes of a buffer: enough for the full speed of the bus, and little beside a proof.
const BUFFER: usize = 4 << 20;

/// Buffers of a queue: one is filled while the device reads the other.
const BUFFERS: usize = 2;

/// The page-locked buffers of a queue; made when first needed.
#[derive(Default)]
pub(super) struct Staging {
    buffers: Vec<Slot>,
    next: usize,
}

struct Slot {
    memory: <Platform as Driver>::Pinned,
    /// When the device has read it.
    read: <Platform as Driver>::Event,
}

impl Staging {
    /// The buffer whose turn it is, when the device has done with it.
    fn slot(&mut self, driver: &Platform) -> Result<&mut Slot, Error> {
        if self.buffers.len() < BUFFERS {
            self.buffers.push(Slot {
                memory: driver.pinned(BUFFER)?,
                read: driver.event()?,
            });
        }
        let number = self.next % self.buffers.len();
        self.next = (number + 1) % BUFFERS;
        let slot = &mut self.buffers[number];
        driver.wait(&slot.read)?;
        Ok(slot)
    }

    /// Queues copies to the device.
    pub fn upload(
        &mut self,
        driver: &Platform,
        stream: &<Platform as Driver>::Stream,
        target: Address,
        bytes: &[u8],
    ) -> Result<(), Error> {
        for (number, chunk) in bytes.chunks(BUFFER).enumerate() {
            let slot = self.slot(driver)?;
            slot.memory[..chunk.len()].copy_from_slice(chunk);
            driver.upload(target.offset(number * BUFFER), &slot.memory, chunk.len(), stream)?;
            driver.record(&slot.read, stream)?;
        }
        Ok(())
    }

    /// Copies from the device, behind the stream's work.
    pub fn download(
        &mut self,
        driver: &Platform,
        stream: &<Platform as Driver>::Stream,
        bytes: &mut [u8],
        source: Address,
    ) -> Result<(), Error> {
        for (number, chunk) in bytes.chunks_mut(BUFFER).enumerate() {
            let slot = self.slot(driver)?;
            driver.download(
                &mut slot.memory,
                source.offset(number * BUFFER),
                chunk.len(),
                stream,
            )?;
            chunk.copy_from_slice(&slot.memory[..chunk.len()]);
        }
        Ok(())
    }
}
