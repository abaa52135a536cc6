//! Making keys and proofs.

use crate::artifact::ArtifactKind;
use crate::backend::{NetworkCircuit, Optimize};
use crate::compiled::CompiledModel;
use crate::engine::{self, Prover};
use crate::keys::{Parts, ProvingKey, VerifyingKey};
use crate::proof::{Proof, TranscriptKind};
use crate::{Error, Progress, Srs};
use halo2_proofs::plonk::create_proof;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, EncodedChallenge, TranscriptWriterBuffer};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use std::borrow::Cow;
use zkml_core::float::FloatTensor;
use zkml_evm::EvmWrite;

impl CompiledModel {
    /// Makes the keys. Whoever has the same model and the same SRS gets the same keys. Proofs of a
    /// model that is compiled for contracts ([`Optimize::Evm`]) have the transcript
    /// that contracts follow, others Blake2b.
    ///
    /// # Errors
    /// [`Error::SrsTooSmall`], [`Error::Backend`], [`Error::Cancelled`]. An SRS that is larger
    /// than [`CompiledModel::k`] is cut to size, which takes a while.
    pub fn setup(&self, srs: &Srs, progress: &Progress) -> Result<(ProvingKey, VerifyingKey), Error> {
        let transcript = match self.options().optimize {
            Optimize::Evm => TranscriptKind::Evm,
            Optimize::Prover | Optimize::Verifier => TranscriptKind::Blake2b,
        };
        self.setup_with(srs, transcript, progress)
    }

    /// Makes keys whose proofs have a transcript of choice.
    ///
    /// # Errors
    /// As [`CompiledModel::setup`].
    pub fn setup_with(
        &self,
        srs: &Srs,
        transcript: TranscriptKind,
        progress: &Progress,
    ) -> Result<(ProvingKey, VerifyingKey), Error> {
        const STAGE: &str = "making keys";
        let srs = sized(srs, self.k(), progress)?;
        let halo2 = progress.stage(STAGE, || engine::keygen(&srs, &self.circuit.blank()))?;
        let parts = Parts {
            model_digest: *self.digest(),
            development_srs: srs.is_development(),
            s_g2: srs.params().s_g2(),
            transcript,
            shape: self.circuit.shape().clone(),
            schema: self.schema(),
        };
        let verifying_key = VerifyingKey::new(parts, halo2.get_vk())?;
        Ok((ProvingKey::new(verifying_key.clone(), halo2), verifying_key))
    }
}

/// How to prove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProveOptions {
    /// Which code makes the proof.
    pub prover: Prover,
}

impl ProveOptions {
    /// Chooses the code that makes the proof.
    #[must_use]
    pub fn prover(mut self, prover: Prover) -> Self {
        self.prover = prover;
        self
    }
}

impl ProvingKey {
    /// [`ProvingKey::prove_with`] with default options.
    ///
    /// # Errors
    /// Those of [`ProvingKey::prove_with`].
    pub fn prove(
        &self,
        model: &CompiledModel,
        srs: &Srs,
        inputs: &[FloatTensor],
        progress: &Progress,
    ) -> Result<Proof, Error> {
        self.prove_with(model, srs, inputs, &ProveOptions::default(), progress)
    }

    /// Runs the model on inputs and proves the run. The proof is verified before it is returned.
    ///
    /// # Errors
    /// [`Error::WrongModel`] and [`Error::WrongSrs`] for files that do not belong to the key;
    /// [`Error::SrsTooSmall`]; those of [`CompiledModel::run`] for inputs that the model does not
    /// take; [`Error::Unproven`] if the circuit is not satisfied; [`Error::Cancelled`]. An SRS
    /// that is larger than the key's k is cut to size, which takes a while.
    pub fn prove_with(
        &self,
        model: &CompiledModel,
        srs: &Srs,
        inputs: &[FloatTensor],
        options: &ProveOptions,
        progress: &Progress,
    ) -> Result<Proof, Error> {
        self.check_model(model)?;
        if srs.id() != self.srs_id() {
            return Err(Error::WrongSrs {
                expected: self.srs_id().to_string(),
                found: srs.id().to_string(),
            });
        }
        let srs = sized(srs, self.k(), progress)?;
        let trace = progress.stage("running the model", || model.trace(inputs))?;
        let public_values = model.public_values(&trace);
        let circuit = progress.stage("filling the circuit", || model.witness(&trace))?;
        let columns = self.verifying_key().public_columns(&public_values)?;
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let transcript = self.verifying_key().transcript();
        let bytes = match transcript {
            TranscriptKind::Blake2b => {
                let transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
                self.write(&srs, circuit, &columns, options.prover, transcript, progress)
            }
            TranscriptKind::Evm => {
                let transcript = EvmWrite::init(Vec::new());
                self.write(&srs, circuit, &columns, options.prover, transcript, progress)
            }
        }?;
        let proof = Proof {
            model_digest: *self.model_digest(),
            key_digest: *self.verifying_key().digest(),
            transcript,
            public_values,
            bytes,
        };
        // Whatever made it: halo2's prover does not look whether the constraints hold.
        progress.stage("checking the proof", || {
            match self.verifying_key().verify(&proof) {
                Ok(_) => Ok(()),
                Err(Error::InvalidProof { reason }) => Err(Error::Unproven { reason }),
                Err(other) => Err(other),
            }
        })?;
        Ok(proof)
    }

    fn write<E, T>(
        &self,
        srs: &Srs,
        circuit: NetworkCircuit,
        columns: &[&[Fr]],
        prover: Prover,
        mut transcript: T,
        progress: &Progress,
    ) -> Result<Vec<u8>, Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWriterBuffer<Vec<u8>, G1Affine, E>,
    {
        match prover {
            Prover::Engine => engine::prove(self, srs, &circuit, columns, &mut transcript, progress)?,
            Prover::Stock => progress.stage("proving with the stock prover", || {
                create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
                    srs.params(),
                    self.halo2(),
                    &[circuit],
                    &[columns],
                    OsRng,
                    &mut transcript,
                )
                .map_err(|e| Error::Backend {
                    stage: "proving",
                    reason: e.to_string(),
                })
            })?,
        }
        Ok(transcript.finalize())
    }

    fn check_model(&self, model: &CompiledModel) -> Result<(), Error> {
        if self.model_digest() == model.digest() {
            return Ok(());
        }
        Err(Error::WrongModel {
            what: ArtifactKind::ProvingKey,
            expected: model.digest().to_string(),
            found: self.model_digest().to_string(),
        })
    }
}

/// An SRS with exactly `2^k` powers.
fn sized<'a>(srs: &'a Srs, k: u32, progress: &Progress) -> Result<Cow<'a, Srs>, Error> {
    if srs.k() == k {
        return Ok(Cow::Borrowed(srs));
    }
    srs.downsize(k, progress).map(Cow::Owned)
}
