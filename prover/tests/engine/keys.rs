//! Keys are those of halo2, byte for byte.

use crate::backends::each_backend;
use crate::circuits::{Columns, Lookups, Phases, Tiny};
use crate::upstream::{Prepared, accepts, params, slices};
use halo2_proofs::SerdeFormat;
use halo2_proofs::plonk::{Circuit, keygen_pk, keygen_vk_custom};
use halo2curves::bn256::Fr;
use zkml_prover::{DeviceKey, Srs};

fn compare<C: Circuit<Fr>>(circuit: &C, k: u32) {
    let params = params(k);
    for compress in [false, true] {
        let vk = keygen_vk_custom(&*params, circuit, compress).unwrap();
        let expected_vk = vk.to_bytes(SerdeFormat::RawBytes);
        let representative = vk.transcript_repr();
        let expected_pk = keygen_pk(&*params, vk, circuit)
            .unwrap()
            .to_bytes(SerdeFormat::RawBytes);
        each_backend!(backend => {
            let srs = Srs::new(backend, &params, None).unwrap();
            let vk = zkml_prover::keygen_vk(backend, &srs, circuit, compress).unwrap();
            assert!(vk.to_bytes(SerdeFormat::RawBytes) == expected_vk, "verifying key, compress {compress}");
            assert_eq!(vk.transcript_repr(), representative);
            let (both, key) = zkml_prover::keygen(backend, &srs, circuit, compress).unwrap();
            assert!(both.to_bytes(SerdeFormat::RawBytes) == expected_vk, "verifying key of both, compress {compress}");
            let pk = key.to_halo2(backend, both).unwrap();
            assert!(pk.to_bytes(SerdeFormat::RawBytes) == expected_pk, "proving key of both, compress {compress}");
            let pk = zkml_prover::keygen_pk(backend, vk, circuit).unwrap();
            assert!(pk.to_bytes(SerdeFormat::RawBytes) == expected_pk, "proving key, compress {compress}");
        });
    }
}

#[test]
fn keys_are_equal() {
    compare(&Tiny { a: 3, b: 9 }, 4);
    compare(&Columns::new(7, 25, 5), 5);
    compare(&Columns::new(20, 40, 3), 6);
    compare(&Lookups::new([1, 2, 3]), 5);
    for third in [false, true] {
        compare(
            &Phases {
                rows: 20,
                third,
                ends_phases: true,
            },
            5,
        );
    }
}

#[test]
fn own_keys_prove_with_compressed_selectors() {
    let circuit = Columns::new(5, 20, 5);
    let instances = circuit.instances();
    let instances = slices(&instances);
    let params = params(5);
    each_backend!(backend => {
        let srs = Srs::new(backend, &params, None).unwrap();
        let vk = zkml_prover::keygen_vk(backend, &srs, &circuit, true).unwrap();
        let pk = zkml_prover::keygen_pk(backend, vk, &circuit).unwrap();
        let key = DeviceKey::new(backend, &pk).unwrap();
        let prepared = Prepared { backend, srs, key };
        let proof = prepared.circuit_proof(&circuit, &instances).unwrap();
        assert!(accepts(&params, pk.get_vk(), &instances, &proof));
    });
}
