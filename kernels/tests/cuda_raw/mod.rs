//! Calls of the kernels' C interface, and memory of the emulated GPU.

use ff::PrimeField;
use halo2curves::bn256::{Fq, Fr, G1Affine};
use std::ffi::{CStr, c_int, c_void};
use std::marker::PhantomData;
use zkml_kernels::{cuda_host_ffi as ffi, root_of_unity};

unsafe extern "C" {
    fn zkml_device_alloc(bytes: usize, out: *mut *mut c_void) -> c_int;
    fn zkml_device_free(memory: *mut c_void) -> c_int;
    fn zkml_device_upload(
        device: *mut c_void,
        host: *const c_void,
        bytes: usize,
        stream: ffi::RawStream,
    ) -> c_int;
    fn zkml_device_download(
        host: *mut c_void,
        device: *const c_void,
        bytes: usize,
        stream: ffi::RawStream,
    ) -> c_int;
    fn zkml_expand_dictionary_workspace(lists: usize) -> usize;
    fn zkml_expand_dictionary(
        stream: ffi::RawStream,
        lists: usize,
        codes: *const *const i32,
        count: usize,
        table: *const ffi::Words,
        out: *mut ffi::Words,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;
    fn zkml_probe_multiply(
        stream: ffi::RawStream,
        values: *mut ffi::Words,
        count: usize,
        rounds: u32,
    ) -> c_int;
    fn zkml_probe_field(
        base: u32,
        operation: u32,
        a: *const c_void,
        b: *const c_void,
        out: *mut c_void,
        count: usize,
    ) -> c_int;
    fn zkml_probe_small(values: *const i32, out: *mut c_void, count: usize);
    fn zkml_probe_curve(
        operation: u32,
        a: *const c_void,
        b: *const c_void,
        out: *mut c_void,
        count: usize,
    ) -> c_int;
    fn zkml_probe_barrier(kind: u32, out: *mut u32, count: u32) -> c_int;
    fn zkml_probe_access(kind: u32, words: *mut u32, count: u32) -> c_int;
}

/// The call that failed last on this thread.
pub fn failed_call() -> String {
    // SAFETY: it returns a static string.
    unsafe { CStr::from_ptr(ffi::zkml_failed_call()) }
        .to_string_lossy()
        .into_owned()
}

/// Asserts that a call succeeded.
#[track_caller]
pub fn call(status: c_int) {
    assert_eq!(status, 0, "{} failed", failed_call());
}

/// Field elements, whose words in memory the kernels share.
pub trait Element: Copy {
    /// The words of the Montgomery form.
    fn words(self) -> ffi::Words;
    /// The element of such words.
    fn of(words: ffi::Words) -> Self;
}

macro_rules! element {
    ($field:ty) => {
        impl Element for $field {
            fn words(self) -> ffi::Words {
                // SAFETY: an element is its four words.
                unsafe { std::mem::transmute(self) }
            }

            fn of(words: ffi::Words) -> Self {
                // SAFETY: an element is its four words, and the kernels' are canonical.
                let value: Self = unsafe { std::mem::transmute(words) };
                let repr = value.to_repr();
                assert_eq!(
                    <$field>::from_repr(repr).unwrap(),
                    value,
                    "not canonical: {words:x?}"
                );
                value
            }
        }
    };
}
element!(Fq);
element!(Fr);

pub fn raw<F: Element>(values: &[F]) -> Vec<ffi::Words> {
    values.iter().map(|value| value.words()).collect()
}

pub fn field<F: Element>(words: &[ffi::Words]) -> Vec<F> {
    words.iter().map(|words| F::of(*words)).collect()
}

/// A point as two coordinates, the identity as zeros.
pub fn point(point: &G1Affine) -> [ffi::Words; 2] {
    [point.x.words(), point.y.words()]
}

/// The domain's generator and its inverse.
pub fn find_root(log_size: u32) -> (Fr, Fr) {
    let root = root_of_unity(log_size);
    (root, ff::Field::invert(&root).unwrap())
}

/// Memory of the emulated GPU, for values of a type without invalid bit patterns.
pub struct Memory<T: Copy> {
    start: *mut c_void,
    count: usize,
    bytes: usize,
    kind: PhantomData<T>,
}

impl<T: Copy> Memory<T> {
    pub fn new(count: usize) -> Self {
        let bytes = count * size_of::<T>();
        let mut start = std::ptr::null_mut();
        // SAFETY: it writes a pointer.
        call(unsafe { zkml_device_alloc(bytes, &mut start) });
        Self {
            start,
            count,
            bytes,
            kind: PhantomData,
        }
    }

    pub fn of(values: &[T]) -> Self {
        let memory = Self::new(values.len());
        // SAFETY: as many bytes on both sides.
        call(unsafe {
            zkml_device_upload(
                memory.start,
                values.as_ptr().cast(),
                memory.bytes,
                std::ptr::null_mut(),
            )
        });
        memory
    }

    /// The same memory, byte by byte.
    pub fn bytes(mut self) -> Memory<u8> {
        let start = std::mem::replace(&mut self.start, std::ptr::null_mut());
        Memory {
            start,
            count: self.bytes,
            bytes: self.bytes,
            kind: PhantomData,
        }
    }

    pub fn pointer(&self) -> *mut T {
        self.start.cast()
    }

    pub fn read(&self) -> Vec<T> {
        let mut values = Vec::with_capacity(self.count);
        // SAFETY: as many bytes on both sides, all of which the call writes.
        unsafe {
            call(zkml_device_download(
                values.as_mut_ptr() as *mut c_void,
                self.start,
                self.bytes,
                std::ptr::null_mut(),
            ));
            values.set_len(self.count);
        }
        values
    }

    /// The status of freeing it: of the guards around it.
    pub fn free(mut self) -> c_int {
        let start = std::mem::replace(&mut self.start, std::ptr::null_mut());
        // SAFETY: it was allocated, and nothing else frees it.
        unsafe { zkml_device_free(start) }
    }
}

impl<T: Copy> Drop for Memory<T> {
    fn drop(&mut self) {
        // SAFETY: it was allocated, and nothing else frees it; null is no memory.
        let status = unsafe { zkml_device_free(self.start) };
        if !std::thread::panicking() {
            assert_eq!(status, 0, "a kernel wrote outside of its memory");
        }
    }
}

/// One operation on pairs of elements.
pub fn probe_field<F: Element>(base: u32, operation: u32, a: &[F], b: &[F]) -> Vec<F> {
    let (left, right) = (Memory::of(&raw(a)), Memory::of(&raw(b)));
    let out = Memory::<ffi::Words>::new(a.len());
    // SAFETY: as many elements each.
    call(unsafe {
        zkml_probe_field(
            base,
            operation,
            left.pointer().cast(),
            right.pointer().cast(),
            out.pointer().cast(),
            a.len(),
        )
    });
    field(&out.read())
}

pub fn probe_small(values: &[i32]) -> Vec<Fr> {
    let out = Memory::<ffi::Words>::new(values.len());
    // SAFETY: as many on both sides.
    unsafe { zkml_probe_small(values.as_ptr(), out.pointer().cast(), values.len()) };
    field(&out.read())
}

/// One operation on pairs of points.
pub fn probe_curve(operation: u32, a: &[[Fq; 4]], b: &[[Fq; 4]]) -> Vec<[Fq; 4]> {
    let flat = |points: &[[Fq; 4]]| Memory::of(&raw(points.as_flattened()));
    let (left, right) = (flat(a), flat(b));
    let out = Memory::<ffi::Words>::new(4 * a.len());
    // SAFETY: as many points each.
    call(unsafe {
        zkml_probe_curve(
            operation,
            left.pointer().cast(),
            right.pointer().cast(),
            out.pointer().cast(),
            a.len(),
        )
    });
    let values: Vec<Fq> = field(&out.read());
    values.as_chunks().0.to_vec()
}

/// What threads of a block find, or the status.
pub fn probe_barrier(kind: u32, count: u32) -> Result<Vec<u32>, c_int> {
    let mut out = vec![0; count as usize];
    // SAFETY: a thread writes the entry of its number.
    match unsafe { zkml_probe_barrier(kind, out.as_mut_ptr(), count) } {
        0 => Ok(out),
        status => Err(status),
    }
}

/// The status of a kernel whose threads use device memory rightly or wrongly, with accesses checked.
pub fn probe_access(kind: u32, count: u32) -> c_int {
    let words = Memory::of(&vec![7u32; count as usize]);
    // SAFETY: as many words; the kernel that reads one more finds a guard there.
    unsafe {
        ffi::zkml_host_set_checked(1);
        let status = zkml_probe_access(kind, words.pointer(), count);
        ffi::zkml_host_set_checked(0);
        status
    }
}

pub fn probe_multiply(values: &[Fr], rounds: u32) -> Vec<Fr> {
    let memory = Memory::of(&raw(values));
    // SAFETY: as many values.
    call(unsafe { zkml_probe_multiply(std::ptr::null_mut(), memory.pointer(), values.len(), rounds) });
    field(&memory.read())
}

/// Sums of entries of a table; lists are equally long.
pub fn upload_dictionary(lists: &[Vec<i32>], table: &[Fr]) -> Vec<Fr> {
    let count = lists[0].len();
    let codes: Vec<Memory<i32>> = lists.iter().map(|list| Memory::of(list)).collect();
    let pointers: Vec<*const i32> = codes.iter().map(|codes| codes.pointer().cast_const()).collect();
    let table = Memory::of(&raw(table));
    let out = Memory::<ffi::Words>::new(count);
    // SAFETY: memory of the sizes that the interface asks for.
    unsafe {
        let bytes = zkml_expand_dictionary_workspace(lists.len());
        let workspace = Memory::<u8>::new(bytes);
        call(zkml_expand_dictionary(
            std::ptr::null_mut(),
            lists.len(),
            pointers.as_ptr(),
            count,
            table.pointer(),
            out.pointer(),
            workspace.pointer().cast(),
            bytes,
        ));
    }
    field(&out.read())
}
