//! CUDA GPUs, by icicle-cuda-runtime and, where it has no call, by the CUDA runtime itself.
#![allow(unsafe_code)] // Calls of the CUDA runtime.

use super::runtime::{self, Properties, RawEvent, RawPool};
use super::{Address, Description, Driver, Versions};
use crate::Error;
use crate::cuda::ffi::RawStream;
use icicle_cuda_runtime::error::{CudaResult, get_last_error};
use icicle_cuda_runtime::memory::HostOrDeviceSlice;
use icicle_cuda_runtime::stream::{CudaStream, CudaStreamCreateFlags};
use std::ffi::{CStr, c_char, c_int};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

/// A GPU.
pub(in crate::cuda) struct Gpu {
    description: Description,
    number: c_int,
    pool: Pool,
}

/// The memory pool of a GPU, which keeps what is freed for later allocations.
struct Pool(RawPool);

// SAFETY: the runtime's handles may be used from any thread.
unsafe impl Send for Pool {}
// SAFETY: as above; its calls lock what they need to.
unsafe impl Sync for Pool {}

/// A stream.
pub(in crate::cuda) struct Stream(CudaStream);

// SAFETY: as of `Pool`; the crate says the same of sharing it.
unsafe impl Send for Stream {}

/// An event.
pub(in crate::cuda) struct Event(RawEvent);

// SAFETY: as of `Pool`.
unsafe impl Send for Event {}
// SAFETY: as of `Pool`.
unsafe impl Sync for Event {}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the handle is one that the runtime gave, and it is not used after this. That it fails on a
        // lost GPU changes nothing.
        unsafe { runtime::cudaEventDestroy(self.0) };
    }
}

/// Page-locked host memory.
pub(in crate::cuda) struct Pinned {
    memory: *mut u8,
    bytes: usize,
}

// SAFETY: it owns its memory, as a vector does.
unsafe impl Send for Pinned {}

impl Deref for Pinned {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the runtime allocated that many bytes, and they were set to zero.
        unsafe { std::slice::from_raw_parts(self.memory, self.bytes) }
    }
}

impl DerefMut for Pinned {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and the memory has no other owner.
        unsafe { std::slice::from_raw_parts_mut(self.memory, self.bytes) }
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // SAFETY: the runtime allocated it, and no transfer uses it any more: a queue waits for each before it writes
        // the memory again, and its GPU for all of them at its end.
        unsafe { runtime::cudaFreeHost(self.memory.cast()) };
    }
}

/// Text of the runtime.
fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the runtime's texts end in zero and are never freed.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// The error of a status.
fn failure(index: usize, call: &'static str, code: c_int) -> Error {
    // Or the next launch of a kernel would find it.
    let _ = get_last_error();
    // SAFETY: these take any number.
    let (name, message) = unsafe {
        (
            text(runtime::cudaGetErrorName(code)),
            text(runtime::cudaGetErrorString(code)),
        )
    };
    Error::Device {
        device: index,
        call: call.to_owned(),
        code,
        message: format!("{name}: {message}"),
    }
}

/// A status of the runtime.
fn check(index: usize, call: &'static str, code: c_int) -> Result<(), Error> {
    if code == 0 {
        Ok(())
    } else {
        Err(failure(index, call, code))
    }
}

/// A device's memory as icicle-cuda-runtime has it, which never frees it: that is done in order of a stream.
fn slice(address: Address, bytes: usize) -> ManuallyDrop<HostOrDeviceSlice<'static, u8>> {
    // SAFETY: the caller's address is that of an allocation of so many bytes. The slice denotes device memory:
    // only the copies below take it, and nothing reads or writes it here.
    let memory = unsafe { std::slice::from_raw_parts_mut(address.pointer(), bytes) };
    ManuallyDrop::new(HostOrDeviceSlice::Device(memory))
}

impl Gpu {
    fn check(&self, call: &'static str, code: c_int) -> Result<(), Error> {
        check(self.description.index, call, code)
    }

    fn wrap<T>(&self, call: &'static str, result: CudaResult<T>) -> Result<T, Error> {
        result.map_err(|error| failure(self.description.index, call, error as c_int))
    }

    fn pool_bytes(&self, attribute: c_int) -> Result<usize, Error> {
        let mut bytes = 0u64;
        // SAFETY: these attributes are 64-bit numbers.
        let code =
            unsafe { runtime::cudaMemPoolGetAttribute(self.pool.0, attribute, (&raw mut bytes).cast()) };
        self.check("cudaMemPoolGetAttribute", code)?;
        Ok(bytes as usize)
    }
}

fn attribute(index: usize, number: c_int, attribute: c_int) -> Result<u32, Error> {
    let mut value = 0;
    // SAFETY: it writes one number.
    let code = unsafe { runtime::cudaDeviceGetAttribute(&mut value, attribute, number) };
    check(index, "cudaDeviceGetAttribute", code)?;
    Ok(value.unsigned_abs())
}

fn describe(index: usize, number: c_int) -> Result<Description, Error> {
    let mut properties = Box::new(Properties([0; 8192]));
    // SAFETY: there is room for more than the structure.
    let code = unsafe { runtime::cudaGetDeviceProperties(&mut *properties, number) };
    check(index, "cudaGetDeviceProperties", code)?;
    let name = &properties.0[..256];
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    let (mut free, mut memory) = (0, 0);
    // SAFETY: it writes two numbers.
    let code = unsafe { runtime::cudaMemGetInfo(&mut free, &mut memory) };
    check(index, "cudaMemGetInfo", code)?;
    Ok(Description {
        index,
        name: String::from_utf8_lossy(&name[..end]).into_owned(),
        capability: (
            attribute(index, number, runtime::CAPABILITY_MAJOR)?,
            attribute(index, number, runtime::CAPABILITY_MINOR)?,
        ),
        multiprocessors: attribute(index, number, runtime::MULTIPROCESSORS)?,
        clock: attribute(index, number, runtime::CLOCK_RATE).unwrap_or(0),
        memory,
    })
}

impl Driver for Gpu {
    type Stream = Stream;
    type Event = Event;
    type Pinned = Pinned;

    const KIND: &'static str = "cuda";

    fn count() -> Result<usize, Error> {
        let mut count = 0;
        // SAFETY: it writes one number.
        let code = unsafe { runtime::cudaGetDeviceCount(&mut count) };
        check(0, "cudaGetDeviceCount", code)?;
        Ok(count.unsigned_abs() as usize)
    }

    fn versions() -> Result<Versions, Error> {
        let (mut driver, mut runtime_version) = (0, 0);
        // SAFETY: they write one number each.
        let code = unsafe { runtime::cudaDriverGetVersion(&mut driver) };
        check(0, "cudaDriverGetVersion", code)?;
        // SAFETY: as above.
        let code = unsafe { runtime::cudaRuntimeGetVersion(&mut runtime_version) };
        check(0, "cudaRuntimeGetVersion", code)?;
        Ok(Versions {
            driver: driver.unsigned_abs(),
            runtime: runtime_version.unsigned_abs(),
        })
    }

    fn open(index: usize) -> Result<Self, Error> {
        let number = c_int::try_from(index).unwrap_or(c_int::MAX);
        // SAFETY: any number is checked.
        check(index, "cudaSetDevice", unsafe { runtime::cudaSetDevice(number) })?;
        let description = describe(index, number)?;
        if attribute(index, number, runtime::MEMORY_POOLS)? == 0 {
            return Err(failure(index, "cudaMallocAsync", runtime::NOT_SUPPORTED));
        }
        let mut pool = std::ptr::null_mut();
        // SAFETY: it writes a handle.
        let code = unsafe { runtime::cudaDeviceGetDefaultMemPool(&mut pool, number) };
        check(index, "cudaDeviceGetDefaultMemPool", code)?;
        // Freed memory stays with the pool: giving it to the system and taking it back costs far more than most kernels.
        let mut threshold = u64::MAX;
        // SAFETY: this attribute is a 64-bit number.
        let code = unsafe {
            runtime::cudaMemPoolSetAttribute(
                pool,
                runtime::POOL_RELEASE_THRESHOLD,
                (&raw mut threshold).cast(),
            )
        };
        check(index, "cudaMemPoolSetAttribute", code)?;
        Ok(Self {
            description,
            number,
            pool: Pool(pool),
        })
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn activate(&self) -> Result<(), Error> {
        // SAFETY: any number is checked.
        self.check("cudaSetDevice", unsafe { runtime::cudaSetDevice(self.number) })
    }

    fn stream(&self) -> Result<Stream, Error> {
        let stream = CudaStream::create_with_flags(CudaStreamCreateFlags::NON_BLOCKING);
        self.wrap("cudaStreamCreateWithFlags", stream.map(Stream))
    }

    fn raw(stream: &Stream) -> RawStream {
        // SAFETY: the crate's type is transparent around the handle, whose type it does not name.
        unsafe { std::mem::transmute_copy(&stream.0) }
    }

    fn synchronize(&self, stream: &Stream) -> Result<(), Error> {
        self.wrap("cudaStreamSynchronize", stream.0.synchronize())
    }

    fn event(&self) -> Result<Event, Error> {
        let mut event = std::ptr::null_mut();
        // SAFETY: it writes a handle.
        let code = unsafe { runtime::cudaEventCreateWithFlags(&mut event, runtime::EVENT_WITHOUT_TIMING) };
        self.check("cudaEventCreateWithFlags", code)?;
        Ok(Event(event))
    }

    fn record(&self, event: &Event, stream: &Stream) -> Result<(), Error> {
        // SAFETY: both handles are alive.
        let code = unsafe { runtime::cudaEventRecord(event.0, Self::raw(stream)) };
        self.check("cudaEventRecord", code)
    }

    fn wait(&self, event: &Event) -> Result<(), Error> {
        // SAFETY: the handle is alive.
        self.check("cudaEventSynchronize", unsafe {
            runtime::cudaEventSynchronize(event.0)
        })
    }

    fn order(&self, stream: &Stream, event: &Event) -> Result<(), Error> {
        // SAFETY: both handles are alive.
        let code = unsafe { runtime::cudaStreamWaitEvent(Self::raw(stream), event.0, 0) };
        self.check("cudaStreamWaitEvent", code)
    }

    fn available(&self) -> Result<usize, Error> {
        let (mut free, mut total) = (0, 0);
        // SAFETY: it writes two numbers.
        let code = unsafe { runtime::cudaMemGetInfo(&mut free, &mut total) };
        self.check("cudaMemGetInfo", code)?;
        let kept = self
            .pool_bytes(runtime::POOL_RESERVED)?
            .saturating_sub(self.pool_bytes(runtime::POOL_USED)?);
        Ok(free + kept)
    }

    fn trim(&self) -> Result<(), Error> {
        // SAFETY: the handle is that of this device's pool.
        self.check("cudaMemPoolTrimTo", unsafe {
            runtime::cudaMemPoolTrimTo(self.pool.0, 0)
        })
    }

    fn allocate(&self, bytes: usize, stream: &Stream) -> Result<Address, Error> {
        let slice = HostOrDeviceSlice::<'static, u8>::cuda_malloc_async(bytes, &stream.0);
        // It frees in the default stream and panics if that fails: `free` does it instead.
        let mut slice = ManuallyDrop::new(self.wrap("cudaMallocAsync", slice)?);
        Ok(Address(slice.as_mut_ptr().expose_provenance()))
    }

    fn free(&self, address: Address, stream: &Stream) -> Result<(), Error> {
        // SAFETY: `allocate` gave the address, and no later work uses it.
        let code = unsafe { runtime::cudaFreeAsync(address.pointer(), Self::raw(stream)) };
        self.check("cudaFreeAsync", code)
    }

    fn pinned(&self, bytes: usize) -> Result<Pinned, Error> {
        let mut memory = std::ptr::null_mut();
        // SAFETY: it writes an address.
        let code = unsafe { runtime::cudaHostAlloc(&mut memory, bytes, runtime::HOST_PORTABLE) };
        self.check("cudaHostAlloc", code)?;
        let memory: *mut u8 = memory.cast();
        // SAFETY: there are so many bytes.
        unsafe { memory.write_bytes(0, bytes) };
        Ok(Pinned { memory, bytes })
    }

    fn upload(&self, target: Address, source: &Pinned, bytes: usize, stream: &Stream) -> Result<(), Error> {
        let source = &source[..bytes];
        let copied = slice(target, bytes).copy_from_host_async(source, &stream.0);
        self.wrap("cudaMemcpyAsync, host to device", copied)
    }

    fn download(
        &self,
        target: &mut Pinned,
        source: Address,
        bytes: usize,
        stream: &Stream,
    ) -> Result<(), Error> {
        let copied = slice(source, bytes).copy_to_host_async(&mut target[..bytes], &stream.0);
        self.wrap("cudaMemcpyAsync, device to host", copied)?;
        self.synchronize(stream)
    }

    fn copy(&self, target: Address, source: Address, bytes: usize, stream: &Stream) -> Result<(), Error> {
        // SAFETY: the caller's addresses are those of allocations that reach so far.
        let code = unsafe {
            runtime::cudaMemcpyAsync(
                target.pointer(),
                source.pointer(),
                bytes,
                runtime::DEVICE_TO_DEVICE,
                Self::raw(stream),
            )
        };
        self.check("cudaMemcpyAsync, on the device", code)
    }
}
