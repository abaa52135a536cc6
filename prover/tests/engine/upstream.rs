//! halo2's own keys, prover and verifier, and ours side by side.

use halo2_proofs::plonk::{self, Circuit, ProvingKey, VerifyingKey, keygen_pk2, verify_proof};
use halo2_proofs::poly::commitment::Params;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer,
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use zkml_kernels::Backend;
use zkml_prover::{CircuitWitness, DeviceKey, Error, Setup, Srs, WitnessSource, create_proof, unreported};
use zkml_testing::script::{Item, Script};

pub type Params256 = ParamsKZG<Bn256>;

/// Parameters of size `2^k`, made once.
pub fn params(k: u32) -> Arc<Params256> {
    static MADE: OnceLock<Mutex<HashMap<u32, Arc<Params256>>>> = OnceLock::new();
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap();
    let params = made
        .entry(k)
        .or_insert_with(|| Arc::new(crate::parameters::generate(k)));
    Arc::clone(params)
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn proving_key<C: Circuit<Fr>>(params: &Params256, circuit: &C) -> ProvingKey<G1Affine> {
    keygen_pk2(params, circuit, false).unwrap()
}

/// What halo2 writes.
pub fn upstream_items<C: Circuit<Fr>>(
    params: &Params256,
    key: &ProvingKey<G1Affine>,
    circuit: C,
    instances: &[&[Fr]],
    seed: u64,
) -> Vec<Item> {
    let mut script = Script::new(seed);
    plonk::create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        params,
        key,
        &[circuit],
        &[instances],
        rng(seed),
        &mut script,
    )
    .unwrap();
    script.items
}

/// A key and an SRS on a backend.
pub struct Prepared<'b, B: Backend> {
    pub backend: &'b B,
    pub srs: Srs<B>,
    pub key: DeviceKey<B>,
}

impl<'b, B: Backend> Prepared<'b, B> {
    pub fn new(backend: &'b B, params: &Params256, key: &ProvingKey<G1Affine>) -> Self {
        Self {
            backend,
            srs: Srs::new(backend, params, None).unwrap(),
            key: DeviceKey::new(backend, key).unwrap(),
        }
    }

    /// With what hides the pieces of quotients.
    pub fn hiding(backend: &'b B, params: &Params256, key: &ProvingKey<G1Affine>) -> Self {
        let next = crate::parameters::next_power(params.k());
        Self {
            srs: Srs::new(backend, params, Some(next)).unwrap(),
            ..Self::new(backend, params, key)
        }
    }

    pub fn setup(&self) -> Setup<'_, B> {
        Setup {
            backend: self.backend,
            srs: &self.srs,
            key: &self.key,
        }
    }

    /// What the engine writes.
    pub fn items(&self, witness: &mut dyn WitnessSource, instances: &[&[Fr]], seed: u64) -> Vec<Item> {
        let mut script = Script::new(seed);
        create_proof(
            self.setup(),
            witness,
            instances,
            rng(seed),
            &mut script,
            &mut unreported,
        )
        .unwrap();
        script.items
    }

    /// A proof for the real transcript.
    pub fn proof(
        &self,
        witness: &mut dyn WitnessSource,
        instances: &[&[Fr]],
        seed: u64,
    ) -> Result<Vec<u8>, Error> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
        create_proof(
            self.setup(),
            witness,
            instances,
            rng(seed),
            &mut transcript,
            &mut unreported,
        )?;
        Ok(transcript.finalize())
    }

    pub fn circuit_proof<C: Circuit<Fr>>(&self, circuit: &C, instances: &[&[Fr]]) -> Result<Vec<u8>, Error> {
        self.proof(&mut CircuitWitness::new(circuit), instances, 1)
    }
}

/// Whether halo2's verifier accepts.
pub fn accepts(params: &Params256, vk: &VerifyingKey<G1Affine>, instances: &[&[Fr]], proof: &[u8]) -> bool {
    let mut transcript = Blake2bRead::<_, _, Challenge255<_>>::init(proof);
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params,
        vk,
        SingleStrategy::new(params),
        &[instances],
        &mut transcript,
    )
    .is_ok()
}

pub fn slices(columns: &[Vec<Fr>]) -> Vec<&[Fr]> {
    columns.iter().map(Vec::as_slice).collect()
}
