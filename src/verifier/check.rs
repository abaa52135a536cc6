//! Checking one proof with halo2's verifier.

use crate::artifact::ArtifactKind;
use crate::claim::{self, Claim, PublicParts};
use crate::committed::{Linked, LinkedRead, LinkedShplonk, MarksClaim, PinnedModel};
use crate::keys::VerifyingKey;
use crate::proof::Proof;
use crate::transcript::StrictRead;
use crate::transcript::TranscriptKind;
use crate::{Digest, Error};
use halo2_proofs::plonk::{self, verify_proof};
use halo2_proofs::poly::commitment::Params;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{Challenge255, EncodedChallenge, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use zkml_evm::{EvmChallenge, EvmRead};

type Scheme = KZGCommitmentScheme<Bn256>;

/// The public values of a proof: as columns, and what they say.
pub(crate) struct PublicStatement {
    pub(crate) columns: Vec<Vec<Fr>>,
    parts: PublicParts,
}

impl VerifyingKey {
    /// Whether parameters are committed: then a proof is linked to a model commitment.
    pub fn commits_params(&self) -> bool {
        self.parts.shape.committed
    }

    /// Checks that there is a commitment exactly if there must be, and that it is for this key.
    ///
    /// # Errors
    /// [`Error::CommitmentNeeded`], [`Error::NothingCommitted`], [`Error::WrongCommitment`].
    pub(crate) fn check_commitment(&self, model: Option<&PinnedModel>) -> Result<(), Error> {
        match model {
            None if self.commits_params() => Err(Error::CommitmentNeeded),
            Some(_) if !self.commits_params() => Err(Error::NothingCommitted),
            Some(model) => {
                let commitment = model.commitment();
                let columns = self.parts.shape.weight_columns().len();
                let expected = (&self.digest, &self.parts.model_digest, columns);
                let found = (
                    &commitment.key_digest,
                    &commitment.model_digest,
                    commitment.columns(),
                );
                if found == expected {
                    return Ok(());
                }
                let describe = |(key, model, columns): (&Digest, &Digest, usize)| {
                    format!("{columns} columns for the key {key} of the model {model}")
                };
                Err(Error::WrongCommitment {
                    expected: describe(expected),
                    found: describe(found),
                })
            }
            None => Ok(()),
        }
    }

    /// What a proof says, if it is one for this key by its form.
    pub(crate) fn statement(&self, proof: &Proof) -> Result<PublicStatement, Error> {
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
        let context = self.parts.shape.context.into();
        let parts = claim::parts(&self.parts.schema, &proof.public_values, context)?;
        Ok(PublicStatement { columns, parts })
    }

    /// The claim of a proof that holds.
    pub(crate) fn claim(&self, statement: PublicStatement, model: Option<&PinnedModel>) -> Claim {
        let parts = statement.parts;
        Claim {
            key_digest: self.digest,
            claimed_model: self.parts.model_digest,
            transcript: self.parts.transcript,
            srs: self.srs_id(),
            srs_standing: self.srs_id().standing(),
            fixed_params: self.fixes_params(),
            tensors: parts.tensors,
            commitments: parts.commitments,
            context: parts.context,
            committed_model: model.map(|m| *m.manifest()),
        }
    }

    /// Distributes public values over the instance columns, each of exactly the length that the
    /// shape states: halo2 reads a shorter column as if zeros followed.
    pub(crate) fn public_columns(&self, values: &[Fr]) -> Result<Vec<Vec<Fr>>, Error> {
        let (expected, found) = (self.parts.shape.all_public_values(), values.len());
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

    /// Checks one proof and its link, with halo2's verifier.
    pub(crate) fn check(
        &self,
        columns: &[Vec<Fr>],
        proof: &Proof,
        model: Option<&PinnedModel>,
    ) -> Result<(), Error> {
        let broken = |error: std::io::Error| invalid(error.to_string());
        match proof.transcript {
            TranscriptKind::Blake2b => {
                let mut transcript = StrictRead::new(&proof.bytes);
                self.read::<Challenge255<G1Affine>, _>(columns, model, &mut transcript)?;
                transcript.finish().map_err(broken)
            }
            TranscriptKind::Evm => {
                let mut transcript = EvmRead::new(&proof.bytes);
                self.read::<EvmChallenge, _>(columns, model, &mut transcript)?;
                transcript.finish().map_err(broken)
            }
        }
    }

    /// halo2's verifier with this reader. That the proof ends where it stops is for the caller to check.
    pub(super) fn read<E, T>(
        &self,
        columns: &[Vec<Fr>],
        model: Option<&PinnedModel>,
        transcript: &mut T,
    ) -> Result<(), Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptRead<G1Affine, E>,
    {
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let strategy = SingleStrategy::new(&self.params);
        let Some(model) = model else {
            return verify_proof::<Scheme, VerifierSHPLONK<'_, Bn256>, E, T, _>(
                &self.params,
                &self.halo2,
                strategy,
                &[&columns],
                transcript,
            )
            .map_err(|error| invalid(error.to_string()));
        };
        let marks = self.halo2.fixed_commitments().last();
        let marks = *marks.ok_or_else(|| invalid("expected a fixed column, found none".to_owned()))?;
        let (link, cs) = (self.model_link(model), self.halo2.cs());
        let mut reader = LinkedRead::new(transcript, &link, cs, Params::k(&self.params));
        let claim = MarksClaim {
            marks,
            opening: reader.opening(),
        };
        let output = verify_proof::<Scheme, LinkedShplonk<'_>, E, LinkedRead<'_, E, T>, Linked<'_>>(
            &self.params,
            &self.halo2,
            Linked::new(strategy, claim),
            &[&columns],
            &mut reader,
        );
        match (output, reader.failure()) {
            (_, Some(failure)) => Err(invalid(failure.to_string())),
            (Ok(()), None) => Ok(()),
            (Err(plonk::Error::ConstraintSystemFailure), None) => Err(invalid(
                "the constraints do not hold, or the parameters are not those of the model commitment"
                    .to_owned(),
            )),
            (Err(error), None) => Err(invalid(error.to_string())),
        }
    }
}

fn invalid(reason: String) -> Error {
    Error::InvalidProof { reason }
}
