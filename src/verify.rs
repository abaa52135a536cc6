//! Verifying a proof.

use crate::Error;
use crate::artifact::ArtifactKind;
use crate::claim::{self, Claim};
use crate::keys::VerifyingKey;
use crate::proof::{Proof, TranscriptKind};
use crate::transcript::StrictRead;
use halo2_proofs::plonk::verify_proof;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{Challenge255, EncodedChallenge, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use zkml_evm::{EvmChallenge, EvmRead};

impl VerifyingKey {
    /// Verifies a proof and says what it proves.
    ///
    /// # Errors
    /// [`Error::InvalidProof`] is the answer "no": the proof does not prove its public values,
    /// or is not in its one canonical encoding. [`Error::WrongModel`] and [`Error::WrongKey`]
    /// say that the proof is not meant for this key.
    pub fn verify(&self, proof: &Proof) -> Result<Claim, Error> {
        if proof.model_digest != self.parts.model_digest {
            return Err(Error::WrongModel {
                what: ArtifactKind::Proof,
                expected: self.parts.model_digest.to_string(),
                found: proof.model_digest.to_string(),
            });
        }
        if proof.key_digest != self.digest {
            return Err(Error::WrongKey {
                expected: self.digest.to_string(),
                found: proof.key_digest.to_string(),
            });
        }
        if proof.transcript != self.parts.transcript {
            return Err(Error::WrongTranscript {
                expected: self.parts.transcript,
                found: proof.transcript,
            });
        }
        let columns = self.public_columns(&proof.public_values)?;
        let tensors = claim::tensors(&self.parts.schema, &proof.public_values)?;
        match proof.transcript {
            TranscriptKind::Blake2b => {
                let mut transcript = StrictRead::new(&proof.bytes);
                self.check::<Challenge255<G1Affine>, _>(&columns, &mut transcript)?;
                transcript.finish()
            }
            TranscriptKind::Evm => {
                let mut transcript = EvmRead::new(&proof.bytes);
                self.check::<EvmChallenge, _>(&columns, &mut transcript)?;
                transcript.finish()
            }
        }
        .map_err(|error| invalid(error.to_string()))?;
        Ok(Claim {
            model_digest: self.parts.model_digest,
            key_digest: self.digest,
            transcript: self.parts.transcript,
            development_srs: self.parts.development_srs,
            fixed_params: self.fixes_params(),
            tensors,
        })
    }

    /// Distributes public values over the instance columns, each of exactly the length that the
    /// shape states: halo2 reads a shorter column as if zeros followed.
    pub(crate) fn public_columns(&self, values: &[Fr]) -> Result<Vec<Vec<Fr>>, Error> {
        let (expected, found) = (self.parts.shape.public_values as usize, values.len());
        if found != expected {
            return Err(invalid(format!(
                "expected {expected} public values, found {found}"
            )));
        }
        let columns = self
            .parts
            .shape
            .split_public(&self.parts.schema.circuit_order(values));
        let columns = self.parts.shape.instances(&columns);
        let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
        let expected = self.parts.shape.instance_lengths();
        if lengths != expected {
            return Err(invalid(format!(
                "expected public columns of {expected:?} values, found {lengths:?}"
            )));
        }
        Ok(columns)
    }

    fn check<E, T>(&self, columns: &[Vec<Fr>], transcript: &mut T) -> Result<(), Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptRead<G1Affine, E>,
    {
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        verify_proof::<
            KZGCommitmentScheme<Bn256>,
            VerifierSHPLONK<'_, Bn256>,
            E,
            T,
            SingleStrategy<'_, Bn256>,
        >(
            &self.params,
            &self.halo2,
            SingleStrategy::new(&self.params),
            &[&columns],
            transcript,
        )
        .map_err(|error| invalid(error.to_string()))
    }
}

fn invalid(reason: String) -> Error {
    Error::InvalidProof { reason }
}
