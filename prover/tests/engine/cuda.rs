//! Proofs on a GPU, or on an emulated one, are those of the CPU.

use crate::circuits::{Columns, Lookups, Phases};
use crate::upstream::{Prepared, accepts, params, proving_key, slices};
use halo2_proofs::SerdeFormat;
use halo2_proofs::plonk::Circuit;
use halo2curves::bn256::Fr;
use zkml_kernels::{Backend, Cpu, Cuda};
use zkml_prover::{CircuitWitness, Srs};
use zkml_testing::lanes::Lanes;

/// The first GPU; none where the build is for real ones and there is none.
fn gpu() -> Option<Cuda> {
    match Cuda::new(0) {
        Ok(gpu) => {
            println!("backend: {}", gpu.name());
            Some(gpu)
        }
        Err(error) => {
            println!("not run: {error}");
            assert!(
                cfg!(feature = "cuda"),
                "the emulated GPU is always there: {error}"
            );
            let required = std::env::var(zkml_kernels::conformance::REQUIRED).unwrap_or_default();
            assert!(!required.contains("cuda"), "{error}");
            None
        }
    }
}

/// Compares proofs, which the verifier accepts, and counts what comes back to the host.
fn compare<C: Circuit<Fr> + Clone + Sync>(gpu: &Cuda, circuit: &C, instances: &[Vec<Fr>], k: u32) {
    let (params, cpu) = (params(k), Cpu::new());
    let key = proving_key(&params, circuit);
    let instances = slices(instances);
    let on_cpu = Prepared::new(&cpu, &params, &key)
        .circuit_proof(circuit, &instances)
        .unwrap();
    let on_gpu = Prepared::new(gpu, &params, &key)
        .circuit_proof(circuit, &instances)
        .unwrap();
    assert!(on_cpu == on_gpu, "k = {k}: the proofs differ");
    assert!(accepts(&params, key.get_vk(), &instances, &on_gpu));
}

#[test]
fn proofs_are_equal() {
    let Some(gpu) = gpu() else { return };
    for (width, degree, k) in [(7, 3, 5), (7, 4, 5), (8, 5, 6), (2, 3, 9)] {
        let circuit = Columns::new(width, (1 << k) - 7, degree);
        compare(&gpu, &circuit, &circuit.instances(), k);
    }
    for ends_phases in [true, false] {
        let circuit = Phases {
            rows: 20,
            third: false,
            ends_phases,
        };
        compare(&gpu, &circuit, &[], 5);
    }
    let circuit = Lookups::new([5, 1, 5, 0, 7, 1, 1]);
    compare(&gpu, &circuit, &circuit.instances(), 5);
    compare(&gpu, &Lanes::new(7, 7), &[], 7);
}

#[test]
fn keys_are_equal() {
    let Some(gpu) = gpu() else { return };
    let (params, cpu) = (params(6), Cpu::new());
    let circuit = Columns::new(20, 40, 3);
    let on_cpu = Srs::new(&cpu, &params, None).unwrap();
    let on_gpu = Srs::new(&gpu, &params, None).unwrap();
    let of_cpu = zkml_prover::keygen_vk(&cpu, &on_cpu, &circuit, false).unwrap();
    let of_gpu = zkml_prover::keygen_vk(&gpu, &on_gpu, &circuit, false).unwrap();
    let format = SerdeFormat::RawBytes;
    assert!(of_cpu.to_bytes(format) == of_gpu.to_bytes(format));
    let of_cpu = zkml_prover::keygen_pk(&cpu, of_cpu, &circuit).unwrap();
    let of_gpu = zkml_prover::keygen_pk(&gpu, of_gpu, &circuit).unwrap();
    assert!(of_cpu.to_bytes(format) == of_gpu.to_bytes(format));
}

/// Without lookups, nothing as long as a column comes back inside a proof.
#[test]
fn columns_stay_on_the_device() {
    let Some(gpu) = gpu() else { return };
    let k = 11;
    let circuit = Columns::new(3, 100, 4);
    let (params, instances) = (params(k), circuit.instances());
    let key = proving_key(&params, &circuit);
    let prepared = Prepared::new(&gpu, &params, &key);
    gpu.forget_largest();
    let before = gpu.activity();
    prepared.circuit_proof(&circuit, &slices(&instances)).unwrap();
    let after = gpu.activity();
    println!("{before:?} -> {after:?}");
    let column = 32 << k;
    assert!(after.operations > before.operations);
    assert!(after.to_host > before.to_host);
    assert!(after.largest_to_host < column, "{after:?}");
    assert!(
        after.to_host - before.to_host < 4 * column,
        "{before:?}, {after:?}"
    );
}

#[test]
fn several_proofs_share_a_gpu() {
    let Some(gpu) = gpu() else { return };
    let circuit = Columns::new(5, 20, 4);
    let (params, instances) = (params(5), circuit.instances());
    let key = proving_key(&params, &circuit);
    let prepared = Prepared::new(&gpu, &params, &key);
    let expected = prepared.circuit_proof(&circuit, &slices(&instances)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let found = prepared.proof(&mut CircuitWitness::new(&circuit), &slices(&instances), 1);
                assert!(found.unwrap() == expected);
            });
        }
    });
}

/// A call that fails in the middle of a proof fails that proof, and the next one is right.
#[cfg(not(feature = "cuda"))]
#[test]
fn a_failure_fails_one_proof() {
    use zkml_kernels::cuda::{fail_call_with, failure_is_pending};
    use zkml_prover::Error;

    let Some(gpu) = gpu() else { return };
    let circuit = Columns::new(2, 9, 3);
    let (params, instances) = (params(4), circuit.instances());
    let key = proving_key(&params, &circuit);
    let prepared = Prepared::new(&gpu, &params, &key);
    let prove = || prepared.circuit_proof(&circuit, &slices(&instances));
    let expected = prove().unwrap();
    let mut failures = 0;
    // Out of memory, and a GPU that is lost.
    for (number, calls) in (0..).step_by(23).enumerate() {
        let code = [2, 719][number % 2];
        fail_call_with(calls, code);
        match prove() {
            Err(Error::Backend(zkml_kernels::Error::Device { code: found, .. })) => {
                assert_eq!(found, code);
                failures += 1;
                assert!(prove().unwrap() == expected, "after call {calls} failed");
            }
            Err(error) => panic!("expected the error of a device, found {error}"),
            Ok(proof) => {
                assert!(proof == expected);
                if failure_is_pending() {
                    fail_call_with(0, 0);
                    break;
                }
            }
        }
    }
    println!("{failures} proofs failed, as they were to");
    assert!(failures > 5);
}
