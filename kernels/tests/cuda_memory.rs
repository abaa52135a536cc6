//! An emulated GPU whose memory is short. Its memory is that of the whole process, so that this is a program of its own.
#![cfg(all(feature = "cuda-host", not(feature = "cuda")))]
#![allow(unsafe_code, missing_docs)] // Settings of the emulation.

use halo2curves::bn256::{Fr, G1Affine};
use zkml_kernels::{Backend, Cuda, Error, Oracle, Scalars, cuda_host_ffi as ffi};

fn set_memory(bytes: usize) {
    // SAFETY: it takes any number.
    unsafe { ffi::zkml_host_set_memory(bytes) };
}

fn allocated() -> usize {
    // SAFETY: it returns a number.
    unsafe { ffi::zkml_host_allocated() }
}

#[test]
fn less_memory_is_enough_until_it_is_an_error() {
    let gpu = Cuda::new(0).unwrap();
    let points = vec![G1Affine::generator(); 1 << 9];
    let bases = gpu.bases(&points).unwrap();
    let columns: Vec<Vec<Fr>> = (1..9).map(|i| vec![Fr::from(i).square(); 1 << 9]).collect();
    let vectors: Vec<_> = columns.iter().map(|c| gpu.upload(c).unwrap()).collect();
    let codes: Vec<i32> = (0..1 << 9).map(|row| row % 5).collect();
    let on_device = gpu.upload_integers(codes.clone()).unwrap();
    let (table, lists) = (&vectors[0], [&on_device; 2]);
    let dictionary = |tail| Scalars::Dictionary {
        codes: &lists,
        rows: (1 << 9) - 4,
        table,
        tail,
    };
    let tail = &columns[1][..4];
    let scalars = vectors.iter().map(Scalars::Full);
    let scalars: Vec<_> = scalars.chain([dictionary(tail), dictionary(&[])]).collect();
    let lists = [&codes; 2];
    let dictionary = |tail| Scalars::Dictionary {
        codes: &lists,
        rows: (1 << 9) - 4,
        table: &columns[0],
        tail,
    };
    let reference = columns.iter().map(Scalars::Full);
    let reference: Vec<_> = reference.chain([dictionary(tail), dictionary(&[])]).collect();
    let expected = Oracle.msm(&points, &reference).unwrap();

    let before = allocated();
    let multiply = || -> Result<(), Error> {
        assert_eq!(gpu.msm(&bases, &scalars)?, expected);
        Ok(())
    };
    multiply().unwrap();
    assert_eq!(allocated(), before, "nothing is leaked");

    // Less and less memory beside what is there: fewer windows are computed together, then nothing fits.
    let mut refused = None;
    for bits in (4..26).rev() {
        set_memory(before + (1 << bits));
        match multiply() {
            Ok(()) => assert!(refused.is_none(), "less memory is never enough where more is not"),
            Err(error) => refused = Some(error),
        }
        assert_eq!(allocated(), before, "nothing is leaked with 2^{bits} bytes");
    }
    let refused = refused.expect("16 bytes are not enough");
    assert!(
        matches!(
            refused,
            Error::Device { code: 2, .. } | Error::DeviceMemory { .. }
        ),
        "{refused}"
    );

    // The process goes on.
    set_memory(1 << 40);
    multiply().unwrap();
    drop(vectors);
    drop(bases);
}
