//! Proofs of one circuit by halo2's prover and by the engine.

use anyhow::{Result, ensure};
use halo2_proofs::plonk::{self, Circuit, ProvingKey, verify_proof};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, EncodedChallenge, TranscriptReadBuffer, TranscriptWrite,
    TranscriptWriterBuffer,
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml_kernels::{Backend, Cpu};
use zkml_prover::{DeviceKey, Setup, Srs, WitnessSource, create_proof, unreported};

/// A circuit's key and parameters.
pub struct Keys<'a> {
    pub params: &'a ParamsKZG<Bn256>,
    pub key: &'a ProvingKey<G1Affine>,
    pub instances: &'a [&'a [Fr]],
}

/// The same for the engine.
pub struct Prepared<B: Backend = Cpu> {
    backend: B,
    srs: Srs<B>,
    key: DeviceKey<B>,
}

impl<B: Backend> Prepared<B> {
    /// Uploads key and parameters: proofs are those of halo2's prover.
    pub fn new(backend: B, keys: &Keys<'_>) -> Result<Self> {
        Self::with_next(backend, keys, None)
    }

    /// Also the power of the SRS that blinds the quotient's pieces.
    pub fn with_next(backend: B, keys: &Keys<'_>, next: Option<G1Affine>) -> Result<Self> {
        Ok(Self {
            srs: Srs::new(&backend, keys.params, next)?,
            key: DeviceKey::new(&backend, keys.key)?,
            backend,
        })
    }

    /// Writes a proof to a transcript.
    pub fn write<E, T>(
        &self,
        witness: &mut dyn WitnessSource,
        instances: &[&[Fr]],
        seed: u64,
        transcript: &mut T,
    ) -> Result<()>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E>,
    {
        let setup = Setup {
            backend: &self.backend,
            srs: &self.srs,
            key: &self.key,
        };
        let rng = ChaCha20Rng::seed_from_u64(seed);
        Ok(create_proof(
            setup,
            witness,
            instances,
            rng,
            transcript,
            &mut unreported,
        )?)
    }

    /// A proof.
    pub fn proof(&self, witness: &mut dyn WitnessSource, instances: &[&[Fr]], seed: u64) -> Result<Vec<u8>> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
        self.write(witness, instances, seed, &mut transcript)?;
        Ok(transcript.finalize())
    }
}

impl Keys<'_> {
    /// halo2's prover writes a proof to a transcript.
    pub fn upstream_write<C, E, T>(&self, circuit: &C, seed: u64, transcript: &mut T) -> Result<()>
    where
        C: Circuit<Fr> + Clone,
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E>,
    {
        Ok(plonk::create_proof::<
            KZGCommitmentScheme<Bn256>,
            ProverSHPLONK<'_, Bn256>,
            _,
            _,
            _,
            _,
        >(
            self.params,
            self.key,
            std::slice::from_ref(circuit),
            &[self.instances],
            ChaCha20Rng::seed_from_u64(seed),
            transcript,
        )?)
    }

    /// halo2's proof.
    pub fn upstream_proof<C: Circuit<Fr> + Clone>(&self, circuit: &C, seed: u64) -> Result<Vec<u8>> {
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
        self.upstream_write(circuit, seed, &mut transcript)?;
        Ok(transcript.finalize())
    }

    /// halo2's verifier accepts a proof, and rejects it with a byte changed.
    pub fn check(&self, proof: &[u8]) -> Result<()> {
        let accepts = |proof: &[u8]| {
            let mut transcript = Blake2bRead::<_, _, Challenge255<_>>::init(proof);
            verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
                self.params,
                self.key.get_vk(),
                SingleStrategy::new(self.params),
                &[self.instances],
                &mut transcript,
            )
            .is_ok()
        };
        ensure!(accepts(proof), "expected halo2's verifier to accept the proof");
        for position in [0, proof.len() / 2, proof.len() - 1] {
            let mut changed = proof.to_vec();
            changed[position] ^= 1;
            ensure!(
                !accepts(&changed),
                "expected halo2's verifier to reject a proof with byte {position} changed"
            );
        }
        Ok(())
    }
}
