//! Where the points and the scalars of a proof are, for any key.

use crate::words::{WORD, add, modulus, word};
use ff::PrimeField;
use group::GroupEncoding;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fr, G1Affine};
use zkml::TranscriptKind;
use zkml::advanced::KeyProtocol;

/// Offsets in a proof, in bytes: `docs/proof-format.md`, section 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The transcript, which says how points and scalars are encoded.
    pub transcript: TranscriptKind,
    /// Points.
    pub points: Vec<usize>,
    /// Scalars.
    pub scalars: Vec<usize>,
    /// Bytes of a proof.
    pub len: usize,
}

impl Layout {
    /// That of the proofs for a key.
    pub fn new(protocol: &KeyProtocol) -> Self {
        let products = protocol.permutation.len().div_ceil(protocol.permutation_chunk);
        let random = 1;
        let points = protocol.advice_phases.len() + products + random + protocol.quotient_pieces;
        let queries = protocol.advice_queries.len() + protocol.fixed_queries.len();
        let scalars = usize::from(protocol.link.is_some())
            + queries
            + random
            + protocol.permutation.len()
            + (3 * products).saturating_sub(1);
        let point = point_len(protocol.transcript);
        let (first_scalar, openings) = (point * points, point * points + WORD * scalars);
        let before = (0..points).map(|i| point * i);
        Self {
            transcript: protocol.transcript,
            points: before.chain([openings, openings + point]).collect(),
            scalars: (0..scalars).map(|i| first_scalar + WORD * i).collect(),
            len: openings + 2 * point,
        }
    }

    /// Bytes of a point.
    pub fn point_len(&self) -> usize {
        point_len(self.transcript)
    }

    /// The point there.
    pub(super) fn point(&self, proof: &[u8], at: usize) -> Option<G1Affine> {
        let bytes = proof.get(at..at + self.point_len())?;
        match self.transcript {
            TranscriptKind::Blake2b => {
                let mut repr = <G1Affine as GroupEncoding>::Repr::default();
                repr.as_mut().copy_from_slice(bytes);
                G1Affine::from_bytes(&repr).into()
            }
            TranscriptKind::Evm => {
                let (x, y) = bytes.split_at(WORD);
                G1Affine::from_xy(number::<Fq>(x)?, number::<Fq>(y)?).into()
            }
        }
    }

    /// Puts a point there, which is not infinity.
    pub(super) fn put_point(&self, proof: &mut [u8], at: usize, point: &G1Affine) -> Option<()> {
        let bytes = match self.transcript {
            TranscriptKind::Blake2b => point.to_bytes().as_ref().to_vec(),
            TranscriptKind::Evm => [word(&point.x), word(&point.y)].concat(),
        };
        proof.get_mut(at..at + bytes.len())?.copy_from_slice(&bytes);
        Some(())
    }

    /// The scalar there.
    pub(super) fn scalar(&self, proof: &[u8], at: usize) -> Option<Fr> {
        number(&self.scalar_bytes(proof, at)?)
    }

    /// The bytes of the scalar there, the most significant first.
    pub(super) fn scalar_bytes(&self, proof: &[u8], at: usize) -> Option<[u8; WORD]> {
        let mut bytes: [u8; WORD] = proof.get(at..at + WORD)?.try_into().ok()?;
        if self.transcript == TranscriptKind::Blake2b {
            bytes.reverse();
        }
        Some(bytes)
    }

    /// Puts a number there, whose most significant byte is the first.
    pub(super) fn put_bytes(&self, proof: &mut [u8], at: usize, mut bytes: [u8; WORD]) -> Option<()> {
        if self.transcript == TranscriptKind::Blake2b {
            bytes.reverse();
        }
        proof.get_mut(at..at + WORD)?.copy_from_slice(&bytes);
        Some(())
    }
}

fn point_len(transcript: TranscriptKind) -> usize {
    match transcript {
        TranscriptKind::Blake2b => 32,
        TranscriptKind::Evm => 64,
    }
}

/// The inverse of [`word`], for numbers below the modulus.
pub(super) fn number<F: PrimeField>(bytes: &[u8]) -> Option<F> {
    let mut repr = F::Repr::default();
    let target = repr.as_mut();
    if target.len() != bytes.len() {
        return None;
    }
    target.copy_from_slice(bytes);
    target.reverse();
    F::from_repr(repr).into()
}

/// A number plus the modulus of a field, where that has 32 bytes.
pub(super) fn plus_modulus<F: PrimeField>(bytes: [u8; WORD]) -> Option<[u8; WORD]> {
    let sum = add(&bytes, &modulus::<F>());
    (sum > bytes).then_some(sum)
}
