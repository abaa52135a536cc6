//! Where the points and the scalars of a proof are, for any key.

use ff::PrimeField;
use group::GroupEncoding;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fr, G1Affine};
use zkml::TranscriptKind;
use zkml::advanced::KeyProtocol;

/// Bytes of a scalar.
pub(super) const SCALAR: usize = 32;

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
        let (first_scalar, openings) = (point * points, point * points + SCALAR * scalars);
        let before = (0..points).map(|i| point * i);
        Self {
            transcript: protocol.transcript,
            points: before.chain([openings, openings + point]).collect(),
            scalars: (0..scalars).map(|i| first_scalar + SCALAR * i).collect(),
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
                let (x, y) = bytes.split_at(SCALAR);
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
    pub(super) fn scalar_bytes(&self, proof: &[u8], at: usize) -> Option<[u8; SCALAR]> {
        let mut bytes: [u8; SCALAR] = proof.get(at..at + SCALAR)?.try_into().ok()?;
        if self.transcript == TranscriptKind::Blake2b {
            bytes.reverse();
        }
        Some(bytes)
    }

    /// Puts a number there, whose most significant byte is the first.
    pub(super) fn put_bytes(&self, proof: &mut [u8], at: usize, mut bytes: [u8; SCALAR]) -> Option<()> {
        if self.transcript == TranscriptKind::Blake2b {
            bytes.reverse();
        }
        proof.get_mut(at..at + SCALAR)?.copy_from_slice(&bytes);
        Some(())
    }
}

fn point_len(transcript: TranscriptKind) -> usize {
    match transcript {
        TranscriptKind::Blake2b => 32,
        TranscriptKind::Evm => 64,
    }
}

/// A field element as 32 bytes, the most significant first.
pub(super) fn word<F: PrimeField>(value: &F) -> [u8; SCALAR] {
    let mut bytes = [0; SCALAR];
    bytes.copy_from_slice(value.to_repr().as_ref());
    bytes.reverse();
    bytes
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
pub(super) fn plus_modulus<F: PrimeField>(bytes: [u8; SCALAR]) -> Option<[u8; SCALAR]> {
    // The modulus is 1 more than the largest element.
    let mut carry = 1u16;
    let largest = word(&-F::ONE);
    let mut sum = [0; SCALAR];
    for i in (0..SCALAR).rev() {
        carry += u16::from(bytes[i]) + u16::from(largest[i]);
        sum[i] = carry as u8;
        carry >>= 8;
    }
    (carry == 0).then_some(sum)
}
