//! The CUDA backend on an emulated GPU whose streams run nothing before a thread waits for it: what a thread does not
//! wait for, it does not find. The setting is that of the whole process, so that this is a program of its own.
#![cfg(all(feature = "cuda-host", not(feature = "cuda")))]
#![allow(unsafe_code, missing_docs)] // Settings of the emulation.

use ff::Field;
use group::Curve;
use halo2curves::bn256::{Fr, G1, G1Affine};
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use zkml_kernels::conformance::check;
use zkml_kernels::{Backend, Cuda, Oracle, Scalars, cuda_host_ffi as ffi};

fn late_gpu() -> Cuda {
    // SAFETY: it takes any number.
    unsafe { ffi::zkml_host_set_late(1) };
    Cuda::new(0).unwrap()
}

/// What the emulation shows: a reader that does not wait finds no values, and a source that changes too early is
/// copied as it is then.
#[test]
fn who_does_not_wait_finds_old_values() {
    // SAFETY: handles and memory that these calls gave, as many bytes as both sides have; the host's values outlive
    // the streams.
    unsafe {
        ffi::zkml_host_set_late(1);
        let (mut first, mut second, mut event, mut memory) = (null_mut(), null_mut(), null_mut(), null_mut());
        assert_eq!(ffi::zkml_device_stream_create(&mut first), 0);
        assert_eq!(ffi::zkml_device_stream_create(&mut second), 0);
        assert_eq!(ffi::zkml_device_event_create(&mut event), 0);
        assert_eq!(ffi::zkml_device_alloc(4, &mut memory), 0);
        let read = |stream| {
            let mut value = [0u8; 4];
            let code = ffi::zkml_device_download(value.as_mut_ptr().cast(), memory, 4, stream);
            assert_eq!(code, 0);
            value
        };
        let mut source = [1u8; 4];
        let from: *mut [u8; 4] = &mut source;
        let upload = || ffi::zkml_device_upload(memory, from.cast::<c_void>(), 4, first);
        assert_eq!(upload(), 0);
        assert_ne!(read(second), [1; 4], "the other stream does not wait");
        from.write([2; 4]);
        assert_eq!(ffi::zkml_device_event_record(event, first), 0);
        assert_eq!(ffi::zkml_device_stream_wait(second, event), 0);
        assert_eq!(read(second), [2; 4], "the source was read too late");
        from.write([3; 4]);
        assert_eq!(upload(), 0);
        assert_eq!(ffi::zkml_device_event_synchronize(event), 0);
        assert_eq!(read(second), [2; 4], "the event was before the second copy");
        assert_eq!(read(first), [3; 4]);
        assert_eq!(ffi::zkml_device_free_async(memory, first), 0);
        assert_eq!(ffi::zkml_device_copy(memory, null(), 4, first), 0);
        assert_eq!(
            ffi::zkml_device_stream_synchronize(first),
            1,
            "the memory is freed before that"
        );
        ffi::zkml_device_event_destroy(event);
        ffi::zkml_device_stream_destroy(first);
        ffi::zkml_device_stream_destroy(second);
    }
}

#[test]
fn a_late_gpu_conforms() {
    check(&late_gpu());
}

/// More threads than queues read, write and drop what others wrote.
#[test]
fn threads_wait_for_one_another() {
    let gpu = late_gpu();
    let n = 1 << 8;
    let values = |seed: u64| -> Vec<Fr> { (1..=n).map(|i| Fr::from(seed + i).square()).collect() };
    let points: Vec<G1Affine> = (1..=8u64)
        .map(|i| (G1::generator() * Fr::from(i)).to_affine())
        .collect();
    let bases = gpu.bases(&points).unwrap();
    for round in 0..4 {
        let shared = gpu.upload(&values(round)).unwrap();
        let integers = gpu.upload_integers(vec![round as i32 + 2; 8]).unwrap();
        let made = std::thread::scope(|scope| {
            let work = (0..12u64).map(|thread| {
                let (gpu, shared, bases, values) = (&gpu, &shared, &bases, &values);
                let integers = &integers;
                scope.spawn(move || {
                    let own = gpu.upload(&values(100 + thread)).unwrap();
                    let sum = gpu.linear_combination(&[(Fr::from(thread), shared), (Fr::ONE, &own)]);
                    // Written by this thread; no thread waits for it.
                    let small = gpu.upload_integers(vec![thread as i32; 8]).unwrap();
                    let small = gpu.expand_small(&small, &[]).unwrap();
                    let product = gpu.msm(bases, &[Scalars::Full(&small)]).unwrap();
                    assert_eq!(product[0], (G1::generator() * Fr::from(36 * thread)).to_affine());
                    let scalars = Scalars::Small {
                        values: integers,
                        tail: &[],
                    };
                    let product = gpu.msm(bases, &[scalars]).unwrap();
                    assert_eq!(
                        product[0],
                        (G1::generator() * Fr::from(36 * (round + 2))).to_affine()
                    );
                    sum.unwrap()
                })
            });
            let work: Vec<_> = work.collect();
            work.into_iter()
                .map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>()
        });
        // Overwritten and freed while other queues may still read it.
        let mut overwritten = shared;
        gpu.write(&mut overwritten, 0, &[Fr::ZERO; 4]).unwrap();
        drop(overwritten);
        let mut sums = made;
        gpu.ntt(&mut sums).unwrap();
        for (thread, sum) in sums.iter().enumerate() {
            let (common, own) = (values(round), values(100 + thread as u64));
            let sums = common.iter().zip(&own);
            let mut expected = [sums
                .map(|(a, b)| a * Fr::from(thread as u64) + b)
                .collect::<Vec<_>>()];
            Oracle.ntt(&mut expected).unwrap();
            assert_eq!(
                gpu.download(sum).unwrap(),
                expected[0],
                "round {round}, thread {thread}"
            );
        }
    }
}
