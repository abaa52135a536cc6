//! The CUDA backend, all of it but the driver, on an emulated GPU: what a machine without one can test.
#![cfg(all(feature = "cuda-host", not(feature = "cuda")))]
#![allow(unsafe_code, missing_docs)] // Settings of the emulation.

use ff::Field;
use group::Curve;
use halo2curves::bn256::{Fr, G1, G1Affine};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use zkml_kernels::conformance::check;
use zkml_kernels::cuda::{fail_call, fail_call_with, failure_is_pending};
use zkml_kernels::{Backend, Cuda, Error, Oracle, Scalars, cuda_host_ffi as ffi};

fn elements(seed: u64, count: usize) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| Fr::random(&mut rng)).collect()
}

#[test]
fn the_emulated_gpu_conforms() {
    let gpu = Cuda::new(0).unwrap();
    println!("running: {}", gpu.name());
    check(&gpu);
    // SAFETY: it returns a number.
    let launches = unsafe { ffi::zkml_host_launches() };
    assert!(
        launches > 1000,
        "the emulation ran the kernels: {launches} launches"
    );
    assert!(gpu.activity().operations > 100);
}

/// A kernel whose result depends on the order of its blocks or threads has a race.
#[test]
fn no_order_of_threads_shows() {
    for seed in [1, 2] {
        // SAFETY: it takes any number.
        unsafe { ffi::zkml_host_set_order(seed) };
        check(&Cuda::new(0).unwrap());
    }
}

/// No kernel reads or writes outside of an allocation, and no two threads race.
#[test]
fn every_access_is_in_order() {
    let gpu = Cuda::new(0).unwrap();
    // SAFETY: it takes any number.
    unsafe { ffi::zkml_host_set_checked(1) };
    check(&gpu);
    // SAFETY: as above; the other returns a number.
    let checked = unsafe {
        ffi::zkml_host_set_checked(0);
        ffi::zkml_host_checked()
    };
    assert!(checked > 1_000_000, "{checked} accesses were checked");
}

#[test]
fn gpus_that_are_not_there_are_refused() {
    let count = Cuda::count().unwrap();
    let error = Cuda::new(count).unwrap_err();
    assert!(matches!(error, Error::NoDevice { wanted, found, .. } if wanted == count && found == count));
}

#[test]
fn memory_of_another_gpu_is_refused() {
    let (first, second) = (Cuda::new(0).unwrap(), Cuda::new(1).unwrap());
    let vector = first.upload(&[Fr::ONE]).unwrap();
    let refused = second.duplicate(&vector).unwrap_err();
    assert!(matches!(
        refused,
        Error::ForeignMemory {
            expected: 1,
            found: 0,
            ..
        }
    ));
    let bases = first.bases(&[G1Affine::generator()]).unwrap();
    let own = second.upload(&[Fr::ONE]).unwrap();
    let refused = second.msm(&bases, &[Scalars::Full(&own)]).unwrap_err();
    assert!(matches!(refused, Error::ForeignMemory { .. }));
}

/// Threads have queues of their own, and use each other's vectors.
#[test]
fn threads_share_vectors() {
    let gpu = Cuda::new(0).unwrap();
    let values = elements(7, 256);
    let mut shared = vec![gpu.upload(&values).unwrap()];
    gpu.ntt(&mut shared).unwrap();
    let mut expected = vec![values.clone()];
    Oracle.ntt(&mut expected).unwrap();
    let results: Vec<Vec<Fr>> = std::thread::scope(|scope| {
        let work = (0..12).map(|thread| {
            let (gpu, shared) = (&gpu, &shared[0]);
            scope.spawn(move || {
                let own = gpu.upload(&elements(thread, 256)).unwrap();
                let sum = gpu.linear_combination(&[(Fr::ONE, shared), (Fr::from(thread), &own)]);
                gpu.download(&sum.unwrap()).unwrap()
            })
        });
        let work: Vec<_> = work.collect();
        work.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (thread, result) in results.iter().enumerate() {
        let own = elements(thread as u64, 256);
        let sum = expected[0]
            .iter()
            .zip(&own)
            .map(|(a, b)| a + Fr::from(thread as u64) * b);
        assert_eq!(*result, sum.collect::<Vec<_>>(), "thread {thread}");
    }
}

/// Commitments, rows and polynomials of a column are made of the integers that are there.
#[test]
fn integers_travel_once() {
    let gpu = Cuda::new(0).unwrap();
    let rows = 1 << 11;
    let bases = gpu.bases(&vec![G1Affine::from(G1::generator()); rows]).unwrap();
    let entries = elements(5, 16);
    let table = gpu.upload(&entries).unwrap();
    let before = gpu.activity().to_device;
    let column = gpu
        .upload_integers((0..rows as i32).map(|row| row % 16).collect())
        .unwrap();
    assert_eq!(gpu.activity().to_device - before, 4 * rows as u64);
    let small = Scalars::Small {
        values: &column,
        tail: &[],
    };
    let dictionary = Scalars::Dictionary {
        codes: &[&column, &column],
        rows,
        table: &table,
        tail: &[],
    };
    let sums = gpu.msm(&bases, &[small, dictionary]).unwrap();
    let total: Fr = entries.iter().sum::<Fr>() * Fr::from(2 * rows as u64 / 16);
    assert_eq!(
        sums[0],
        (G1::generator() * Fr::from(rows as u64 / 16 * 120)).to_affine()
    );
    assert_eq!(sums[1], (G1::generator() * total).to_affine());
    gpu.expand_small(&column, &[]).unwrap();
    gpu.expand_dictionary(&[&column], rows, &table, &[]).unwrap();
    assert_eq!(gpu.activity().to_device - before, 4 * rows as u64);
}

/// What a proof is made of, on a few rows.
fn work(gpu: &Cuda) -> Result<(Vec<G1Affine>, Vec<Fr>), Error> {
    let points = [G1Affine::from(G1::generator()); 64];
    let bases = gpu.bases(&points)?;
    let column = gpu.upload(&elements(1, 64))?;
    let small = gpu.upload_integers((-30..30).collect())?;
    let codes = gpu.upload_integers((0..60).map(|row| row % 3).collect())?;
    let (table, tail) = (gpu.upload(&elements(3, 3))?, elements(2, 4));
    let commitments = gpu.msm(
        &bases,
        &[
            Scalars::Full(&column),
            Scalars::Small {
                values: &small,
                tail: &tail,
            },
            Scalars::Dictionary {
                codes: &[&codes],
                rows: 60,
                table: &table,
                tail: &tail,
            },
        ],
    )?;
    let sums = gpu.expand_dictionary(&[&codes], 60, &table, &tail)?;
    let mut vectors = [column, gpu.expand_small(&small, &tail)?, sums];
    gpu.intt(&mut vectors)?;
    let [a, b, c] = &vectors;
    let mut product = gpu.running_product(a, Fr::ONE)?;
    gpu.batch_invert(&mut product)?;
    let folded = gpu.fold(&[a, b, &product, c], 32, Fr::from(3))?;
    let folded: Vec<_> = folded.iter().collect();
    let mut values = gpu.coset_ntt(&folded, Fr::from(5))?;
    gpu.coset_intt(&mut values[0], Fr::from(5))?;
    gpu.divide_by_linear(&mut values[1], Fr::from(11))?;
    let sum = gpu.linear_combination(&[(Fr::from(2), &values[0]), (Fr::from(9), &values[1])])?;
    let joined = gpu.concatenate(&[&sum, &values[2]])?;
    Ok((
        commitments,
        gpu.evaluate(&[(&joined, Fr::from(77)), (&sum, Fr::from(8))])?,
    ))
}

/// Each call of the driver fails once: the work that made it ends with an error that names it, nothing is leaked,
/// and the next work is right.
#[test]
fn a_failing_call_fails_its_work_alone() {
    let gpu = Cuda::new(0).unwrap();
    let expected = work(&gpu).unwrap();
    let mut failures = 0;
    for calls in 0.. {
        fail_call_with(calls, 700);
        match work(&gpu) {
            Err(Error::Device {
                call, code, device, ..
            }) => {
                assert_eq!((device, code), (0, 700));
                assert!(call.contains("cuda"), "{call}");
                failures += 1;
            }
            Err(error) => panic!("expected the error of a device, found {error}"),
            Ok(found) => {
                assert_eq!(found, expected);
                if failure_is_pending() {
                    // The work has fewer calls than that.
                    fail_call_with(0, 0);
                    break;
                }
                // Memory was freed in another way.
            }
        }
        if calls % 16 == 0 {
            assert_eq!(work(&gpu).unwrap(), expected, "after call {calls} failed");
        }
    }
    assert!(failures > 50, "{failures} calls failed");
}

/// A launch that fails is the error of its operation.
#[test]
fn a_failing_kernel_is_named() {
    let gpu = Cuda::new(0).unwrap();
    let mut vectors = [gpu.upload(&elements(1, 64)).unwrap()];
    gpu.ntt(&mut vectors).unwrap();
    // SAFETY: it takes any number.
    unsafe { ffi::zkml_host_fail_launch(0) };
    let error = gpu.ntt(&mut vectors).unwrap_err();
    let Error::Device { call, code, .. } = &error else {
        panic!("expected the error of a device, found {error}");
    };
    assert!(call.starts_with("ntt: "), "{call}");
    assert_eq!(*code, 719);
    gpu.intt(&mut vectors).unwrap();
}

/// Where memory is short for a moment, what was freed is given back and asked for again.
#[test]
fn memory_that_is_short_once_is_found() {
    let gpu = Cuda::new(0).unwrap();
    let expected = work(&gpu).unwrap();
    let mut survived = 0;
    for calls in (0..200).step_by(3) {
        fail_call(calls);
        match work(&gpu) {
            Ok(found) => {
                assert_eq!(found, expected);
                survived += 1;
            }
            Err(error) => assert!(matches!(error, Error::Device { code: 2, .. }), "{error}"),
        }
    }
    fail_call_with(0, 0);
    assert!(survived > 0);
}
