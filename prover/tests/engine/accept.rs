//! halo2's verifier accepts what the engine proves, and nothing else.

use crate::backends::each_backend;
use crate::circuits::{Columns, Lookups, Phases, Tiny};
use crate::upstream::{Prepared, accepts, params, proving_key, rng, slices};
use halo2_proofs::plonk::{Circuit, verify_proof};
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Challenge255, Keccak256Read, Keccak256Write, TranscriptReadBuffer, TranscriptWriterBuffer,
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use zkml_prover::{CircuitWitness, create_proof, unreported};

fn is_accepted<C: Circuit<Fr> + Clone>(circuit: &C, instances: &[Vec<Fr>], k: u32) {
    let params = params(k);
    let key = proving_key(&params, circuit);
    let instances = slices(instances);
    each_backend!(backend => {
        let proof = Prepared::new(backend, &params, &key).circuit_proof(circuit, &instances).unwrap();
        assert!(accepts(&params, key.get_vk(), &instances, &proof));
    });
}

#[test]
fn proofs_are_accepted() {
    let columns = Columns::new(5, 20, 5);
    is_accepted(&columns, &columns.instances(), 5);
    let lookups = Lookups::new([5, 1, 5, 0, 7, 1, 1]);
    is_accepted(&lookups, &lookups.instances(), 5);
    is_accepted(&Tiny { a: 3, b: 9 }, &[vec![Fr::from(9)]], 4);
}

#[test]
fn three_phases_are_accepted() {
    // halo2's own prover does not get this far.
    for ends_phases in [true, false] {
        let circuit = Phases {
            rows: 20,
            third: true,
            ends_phases,
        };
        is_accepted(&circuit, &[], 5);
    }
}

#[test]
fn keccak_proofs_are_accepted() {
    let circuit = Tiny { a: 3, b: 9 };
    let public = [Fr::from(9)];
    let params = params(4);
    let key = proving_key(&params, &circuit);
    each_backend!(backend => {
        let prepared = Prepared::new(backend, &params, &key);
        let mut transcript = Keccak256Write::<_, G1Affine, Challenge255<_>>::init(Vec::new());
        let mut witness = CircuitWitness::new(&circuit);
        create_proof(prepared.setup(), &mut witness, &[&public], rng(3), &mut transcript, &mut unreported).unwrap();
        let proof = transcript.finalize();
        let mut transcript = Keccak256Read::<_, _, Challenge255<_>>::init(proof.as_slice());
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            &params,
            key.get_vk(),
            SingleStrategy::new(&params),
            &[&[&public]],
            &mut transcript,
        )
        .unwrap();
    });
}

#[test]
fn no_byte_of_a_proof_can_be_changed() {
    let circuit = Tiny { a: 3, b: 9 };
    let public = [Fr::from(9)];
    let params = params(4);
    let key = proving_key(&params, &circuit);
    each_backend!(backend => {
        let proof = Prepared::new(backend, &params, &key).circuit_proof(&circuit, &[&public]).unwrap();
        assert!(accepts(&params, key.get_vk(), &[&public], &proof));
        assert!(!accepts(&params, key.get_vk(), &[&[Fr::from(8)]], &proof));
        for position in 0..proof.len() {
            let mut tampered = proof.clone();
            tampered[position] ^= 1;
            assert!(!accepts(&params, key.get_vk(), &[&public], &tampered), "byte {position}");
        }
        assert!(!accepts(&params, key.get_vk(), &[&public], &proof[..proof.len() - 1]));
    });
}
