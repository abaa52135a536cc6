//! An emulated GPU for tests: the kernels' own emulation, whose memory is the host's and whose streams run
//! everything at once, or as late as they may. Any of its calls can be made to fail.
#![allow(unsafe_code)] // Calls of the emulation.

use super::{Address, Description, Driver, Versions};
use crate::Error;
use crate::cuda::ffi::{self, RawEvent, RawStream};
use crate::cuda::status;
use std::cell::Cell;
use std::ffi::{c_int, c_void};

/// `cudaErrorMemoryAllocation`
const OUT_OF_MEMORY: i32 = 2;
/// `cudaErrorInvalidDevice`
const INVALID_DEVICE: i32 = 101;

/// GPUs that the emulation shows.
const DEVICES: usize = 2;

thread_local! {
    /// Calls of this thread until one fails, and with what.
    static FAILURE: Cell<Option<(u64, i32)>> = const { Cell::new(None) };
}

/// The call of this thread to the emulated driver after `calls` more fails with
/// `cudaErrorMemoryAllocation`, once.
pub fn fail_call(calls: u64) {
    fail_call_with(calls, OUT_OF_MEMORY);
}

/// The same with a code of one's choice.
pub fn fail_call_with(calls: u64, code: i32) {
    FAILURE.set(Some((calls, code)));
}

/// Whether a failure that was asked for is still to come.
pub fn failure_is_pending() -> bool {
    FAILURE.get().is_some()
}

/// An emulated GPU.
pub(in crate::cuda) struct Emulated {
    description: Description,
}

/// A place in a stream's work.
pub(in crate::cuda) struct Event(RawEvent);

// SAFETY: a handle, which the emulation takes from any thread.
unsafe impl Send for Event {}
// SAFETY: as above; the emulation locks what its calls share.
unsafe impl Sync for Event {}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the emulation gave the handle, and it is not used after this.
        unsafe { ffi::zkml_device_event_destroy(self.0) };
    }
}

/// A stream of the emulation.
pub(in crate::cuda) struct Stream(RawStream);

// SAFETY: a handle, which the emulation takes from any thread.
unsafe impl Send for Stream {}
// SAFETY: as above.
unsafe impl Sync for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the emulation gave the handle, and it is not used after this.
        unsafe { ffi::zkml_device_stream_destroy(self.0) };
    }
}

impl Emulated {
    /// What every call starts with: the failure that a test asked for.
    fn call(&self, name: &'static str) -> Result<(), Error> {
        let Some((left, code)) = FAILURE.get() else {
            return Ok(());
        };
        if left > 0 {
            FAILURE.set(Some((left - 1, code)));
            return Ok(());
        }
        FAILURE.set(None);
        self.check(name, code)
    }

    fn check(&self, name: &'static str, code: c_int) -> Result<(), Error> {
        status::check(self.description.index, name, code)
    }
}

impl Driver for Emulated {
    type Stream = Stream;
    type Event = Event;
    type Pinned = Vec<u8>;

    const KIND: &'static str = "cuda, emulated on the host";

    fn count() -> Result<usize, Error> {
        Ok(DEVICES)
    }

    fn versions() -> Result<Versions, Error> {
        Ok(Versions {
            driver: 0,
            runtime: 0,
        })
    }

    fn open(index: usize) -> Result<Self, Error> {
        if index >= DEVICES {
            status::check(index, "cudaSetDevice", INVALID_DEVICE)?;
        }
        let (mut free, mut memory) = (0, 0);
        // SAFETY: it writes two numbers.
        let code = unsafe { ffi::zkml_device_memory(&mut free, &mut memory) };
        status::check(index, "cudaMemGetInfo", code)?;
        Ok(Self {
            description: Description {
                index,
                name: "emulation".into(),
                capability: (0, 0),
                multiprocessors: 1,
                clock: 0,
                memory,
            },
        })
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn activate(&self) -> Result<(), Error> {
        self.call("cudaSetDevice")
    }

    fn stream(&self) -> Result<Stream, Error> {
        self.call("cudaStreamCreateWithFlags")?;
        let mut stream = std::ptr::null_mut();
        // SAFETY: it writes a handle.
        let code = unsafe { ffi::zkml_device_stream_create(&mut stream) };
        self.check("cudaStreamCreateWithFlags", code)?;
        Ok(Stream(stream))
    }

    fn raw(stream: &Stream) -> RawStream {
        stream.0
    }

    fn synchronize(&self, stream: &Stream) -> Result<(), Error> {
        self.call("cudaStreamSynchronize")?;
        // SAFETY: the handle is alive.
        self.check("cudaStreamSynchronize", unsafe {
            ffi::zkml_device_stream_synchronize(stream.0)
        })
    }

    fn event(&self) -> Result<Event, Error> {
        self.call("cudaEventCreateWithFlags")?;
        let mut event = std::ptr::null_mut();
        // SAFETY: it writes a handle.
        let code = unsafe { ffi::zkml_device_event_create(&mut event) };
        self.check("cudaEventCreateWithFlags", code)?;
        Ok(Event(event))
    }

    fn record(&self, event: &Event, stream: &Stream) -> Result<(), Error> {
        self.call("cudaEventRecord")?;
        // SAFETY: both handles are alive.
        let code = unsafe { ffi::zkml_device_event_record(event.0, stream.0) };
        self.check("cudaEventRecord", code)
    }

    fn wait(&self, event: &Event) -> Result<(), Error> {
        self.call("cudaEventSynchronize")?;
        // SAFETY: the handle is alive.
        let code = unsafe { ffi::zkml_device_event_synchronize(event.0) };
        self.check("cudaEventSynchronize", code)
    }

    fn order(&self, stream: &Stream, event: &Event) -> Result<(), Error> {
        self.call("cudaStreamWaitEvent")?;
        // SAFETY: both handles are alive.
        let code = unsafe { ffi::zkml_device_stream_wait(stream.0, event.0) };
        self.check("cudaStreamWaitEvent", code)
    }

    fn available(&self) -> Result<usize, Error> {
        self.call("cudaMemGetInfo")?;
        let (mut free, mut total) = (0, 0);
        // SAFETY: it writes two numbers.
        let code = unsafe { ffi::zkml_device_memory(&mut free, &mut total) };
        self.check("cudaMemGetInfo", code)?;
        Ok(free)
    }

    fn trim(&self) -> Result<(), Error> {
        self.call("cudaMemPoolTrimTo")
    }

    fn allocate(&self, bytes: usize, _: &Stream) -> Result<Address, Error> {
        self.call("cudaMallocAsync")?;
        let mut memory: *mut c_void = std::ptr::null_mut();
        // SAFETY: it writes an address.
        let code = unsafe { ffi::zkml_device_alloc(bytes, &mut memory) };
        self.check("cudaMallocAsync", code)?;
        Ok(Address(memory.expose_provenance()))
    }

    fn free(&self, address: Address, stream: &Stream) -> Result<(), Error> {
        // No failure is injected here: it could not be reported.
        // SAFETY: `allocate` gave the address, and it is not used after this.
        let code = unsafe { ffi::zkml_device_free_async(address.pointer(), stream.0) };
        self.check("cudaFreeAsync", code)
    }

    fn pinned(&self, bytes: usize) -> Result<Vec<u8>, Error> {
        self.call("cudaHostAlloc")?;
        Ok(vec![0; bytes])
    }

    fn upload(&self, target: Address, source: &Vec<u8>, bytes: usize, stream: &Stream) -> Result<(), Error> {
        self.call("cudaMemcpyAsync, host to device")?;
        let source = &source[..bytes];
        // SAFETY: the caller's address is that of an allocation of so many bytes.
        let code =
            unsafe { ffi::zkml_device_upload(target.pointer(), source.as_ptr().cast(), bytes, stream.0) };
        self.check("cudaMemcpyAsync, host to device", code)
    }

    fn download(
        &self,
        target: &mut Vec<u8>,
        source: Address,
        bytes: usize,
        stream: &Stream,
    ) -> Result<(), Error> {
        self.call("cudaMemcpyAsync, device to host")?;
        let target = &mut target[..bytes];
        // SAFETY: the caller's address is that of an allocation of so many bytes.
        let code = unsafe {
            ffi::zkml_device_download(
                target.as_mut_ptr().cast(),
                source.pointer::<c_void>(),
                bytes,
                stream.0,
            )
        };
        self.check("cudaMemcpyAsync, device to host", code)
    }

    fn copy(&self, target: Address, source: Address, bytes: usize, stream: &Stream) -> Result<(), Error> {
        self.call("cudaMemcpyAsync, on the device")?;
        // SAFETY: the caller's addresses are those of allocations that reach so far.
        let code =
            unsafe { ffi::zkml_device_copy(target.pointer(), source.pointer::<c_void>(), bytes, stream.0) };
        self.check("cudaMemcpyAsync, on the device", code)
    }
}
