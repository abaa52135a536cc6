//! The verifying key and its file.
//!
//! The payload: the model's digest as the key's maker claims it (32 bytes), the secret in G2 (128), the transcript of
//! proofs (1), the circuit's shape and the list of public tensors (blocks of postcard), then the commitments to the fixed
//! columns and to the permutation, each a number (4 bytes, little-endian) and points (64 bytes each).

use super::domain::verifier_domain;
use crate::artifact::{Reader, artifact_file, decode, encode, put_block};
use crate::backend::{self, Shape};
use crate::commitments::HashedTensor;
use crate::kzg::{self, G1_LEN, G2_LEN};
use crate::schema::{PublicSchema, TensorInfo};
use crate::srs_id::SrsId;
use crate::transcript::TranscriptKind;
use crate::{Digest, Error};
use halo2_proofs::plonk;
use halo2_proofs::poly::EvaluationDomain;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use halo2curves::serde::SerdeObject;

const WHAT: &str = "this verifying key";

/// What a verifier needs: no model, no SRS file.
///
/// A verifying key is that of a model only as far as its maker is trusted: the columns of a dishonest one leave out
/// constraints, and the rest looks the same. A user who does not trust its maker makes it again, from the model or from
/// its circuit file (`Circuit::check_key`, with the feature `keys`). Its identity is [`VerifyingKey::digest`].
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    pub(crate) parts: Parts,
    pub(crate) digest: Digest,
    pub(crate) halo2: plonk::VerifyingKey<G1Affine>,
    pub(crate) params: ParamsKZG<Bn256>,
}

/// What the file states besides commitments.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) model_digest: Digest,
    pub(crate) s_g2: G2Affine,
    pub(crate) transcript: TranscriptKind,
    pub(crate) shape: Shape,
    pub(crate) schema: PublicSchema,
}

artifact_file! {
    /// Reads what [`Self::to_bytes`] made. Everything in it is checked, except that it
    /// is the key of the model that it names.
    ///
    /// # Errors
    /// Those of a container; [`Error::Malformed`], [`Error::InvalidSrs`], [`Error::Circuit`] for
    /// content that no setup makes.
    VerifyingKey
}

impl VerifyingKey {
    /// The key with these parts and the commitments of halo2's key.
    #[cfg(feature = "keys")]
    pub(crate) fn new(parts: Parts, halo2: &plonk::VerifyingKey<G1Affine>) -> Result<Self, Error> {
        use group::prime::PrimeCurveAffine;
        let fixed = halo2.fixed_commitments();
        let permutation = halo2.permutation().commitments();
        let identity = |p: &&G1Affine| bool::from(p.is_identity());
        if let Some(column) = fixed.iter().chain(permutation).position(|p| identity(&p)) {
            return Err(Error::backend(
                "making the verifying key",
                format!("expected no empty fixed column, found one (number {column})"),
            ));
        }
        let (fixed, permutation) = (fixed.clone(), permutation.clone());
        let key = Self::assemble(parts, fixed, permutation)?;
        if key.halo2.transcript_repr() != halo2.transcript_repr() {
            return Err(Error::backend(
                "making the verifying key",
                "expected the constraint system that the shape describes, found another",
            ));
        }
        Ok(key)
    }

    fn assemble(parts: Parts, fixed: Vec<G1Affine>, permutation: Vec<G1Affine>) -> Result<Self, Error> {
        let cs = backend::constraint_system(&parts.shape);
        let expected = (cs.num_fixed_columns(), cs.permutation().get_columns().len());
        let found = (fixed.len(), permutation.len());
        if expected != found {
            return Err(malformed(format!(
                "expected {} commitments to fixed columns and {} to the permutation, found {} and {}",
                expected.0, expected.1, found.0, found.1
            )));
        }
        let k = parts.shape.k;
        let domain: EvaluationDomain<Fr> = verifier_domain(cs.degree() as u32, k);
        let permutation = plonk::permutation::VerifyingKey::from_commitments(permutation);
        let halo2 = plonk::VerifyingKey::from_parts(domain, fixed, permutation, cs, Vec::new(), false);
        // A verifier reads nothing of the powers but their number.
        let params = kzg::assemble(
            k,
            vec![G1Affine::generator()],
            Vec::new(),
            G2Affine::generator(),
            parts.s_g2,
        );
        let mut key = Self {
            parts,
            digest: Digest::from([0; 32]),
            halo2,
            params,
        };
        key.digest = Digest::of(b"zkml-key", &[&key.payload()?]);
        Ok(key)
    }

    /// Digest of the model's architecture as the key's maker claims it: no more than a name, until the key was checked.
    pub fn model_digest(&self) -> &Digest {
        &self.parts.model_digest
    }

    /// Digest of the key: what identifies it, and what verifiers pin.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// log2 of the number of rows of the circuit.
    pub fn k(&self) -> u32 {
        self.parts.shape.k
    }

    /// The hash that the challenges of its proofs come from.
    pub fn transcript(&self) -> TranscriptKind {
        self.parts.transcript
    }

    /// The public tensors, in the order of a proof's public values.
    pub fn public_tensors(&self) -> impl ExactSizeIterator<Item = &TensorInfo> {
        self.parts.schema.tensors.iter().map(|t| &t.info)
    }

    /// The tensors whose commitments are public values, in their order.
    pub fn hashed_tensors(&self) -> &[HashedTensor] {
        &self.parts.schema.hashed
    }

    /// Length of the context of a proof.
    pub fn context_len(&self) -> usize {
        self.parts.shape.context.into()
    }

    /// Identity of the SRS that the key was made with. A holder of that SRS's secret can prove false claims:
    /// [`SrsId::standing`] tells what is known of it.
    pub fn srs_id(&self) -> SrsId {
        SrsId::of(&self.parts.s_g2)
    }

    /// Field elements in the columns that making the key again computes.
    pub fn cells(&self) -> u64 {
        let cs = self.halo2.cs();
        let columns = cs.num_fixed_columns() + cs.permutation().get_columns().len();
        (columns as u64) << self.k()
    }

    /// Whether the model's parameters are part of the key. Otherwise the key is that of an
    /// architecture.
    pub fn fixes_params(&self) -> bool {
        // Nothing but fixed parameters is in fixed lanes.
        self.parts.shape.fixed_lanes > 0
    }

    /// The key as halo2 has it.
    pub fn halo2(&self) -> &plonk::VerifyingKey<G1Affine> {
        &self.halo2
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        out.extend_from_slice(self.parts.model_digest.as_bytes());
        out.extend_from_slice(&self.parts.s_g2.to_raw_bytes());
        out.push(self.parts.transcript as u8);
        put_block(&mut out, &encode(WHAT, &self.parts.shape)?);
        put_block(&mut out, &encode(WHAT, &self.parts.schema)?);
        for points in [
            self.halo2.fixed_commitments(),
            self.halo2.permutation().commitments(),
        ] {
            out.extend_from_slice(&(points.len() as u32).to_le_bytes());
            points
                .iter()
                .for_each(|p| out.extend_from_slice(&p.to_raw_bytes()));
        }
        Ok(out)
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(WHAT, payload);
        let model_digest = reader.array()?.into();
        let s_g2 = kzg::g2_from_bytes(reader.take(G2_LEN)?)
            .filter(|p| *p != G2Affine::generator())
            .ok_or_else(|| malformed("expected the secret as a point of G2, found none"))?;
        let kind = reader.u8()?;
        let transcript = TranscriptKind::from_byte(kind)
            .ok_or_else(|| malformed(format!("expected the transcript kind 1 or 2, found {kind}")))?;
        let shape: Shape = decode(WHAT, reader.block()?)?;
        shape.validate()?;
        let schema: PublicSchema = decode(WHAT, reader.block()?)?;
        schema.validate(shape.public_values as usize)?;
        let fixed = points(&mut reader)?;
        let permutation = points(&mut reader)?;
        reader.finish()?;
        Self::assemble(
            Parts {
                model_digest,
                s_g2,
                transcript,
                shape,
                schema,
            },
            fixed,
            permutation,
        )
    }
}

/// A number and as many points of G1.
fn points(reader: &mut Reader<'_>) -> Result<Vec<G1Affine>, Error> {
    let count = reader.u32()? as usize;
    let bytes = reader.take(count.saturating_mul(G1_LEN))?;
    let point = |bytes| {
        kzg::g1_from_bytes(bytes).ok_or_else(|| malformed("expected commitments, found no point of G1"))
    };
    bytes.chunks_exact(G1_LEN).map(point).collect()
}

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("verifying key", reason)
}
