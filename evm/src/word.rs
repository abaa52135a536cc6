//! Words of 32 bytes, the most significant byte first, as the EVM has them.

use ff::PrimeField;
use group::prime::PrimeCurveAffine;
use halo2curves::bn256::G1Affine;
use sha3::{Digest, Keccak256};

/// A word.
pub(crate) type Bytes32 = [u8; 32];

/// A field element as a word.
pub(crate) fn word<F: PrimeField>(value: &F) -> Bytes32 {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(value.to_repr().as_ref());
    bytes.reverse();
    bytes
}

/// A length or an index as a word.
pub(crate) fn number(value: usize) -> Bytes32 {
    number_word(value as u64)
}

/// A number as a word.
pub fn number_word(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}

/// Both coordinates of a point; `None` for the point at infinity.
pub(crate) fn coordinates(point: &G1Affine) -> Option<[Bytes32; 2]> {
    (!bool::from(point.is_identity())).then(|| [word(&point.x), word(&point.y)])
}

/// Bytes as words, filled up with zeros.
pub(crate) fn padded(bytes: &[u8]) -> Vec<Bytes32> {
    let word = |chunk: &[u8]| {
        let mut word = [0; 32];
        word[..chunk.len()].copy_from_slice(chunk);
        word
    };
    bytes.chunks(32).map(word).collect()
}

/// First four bytes of the hash of a signature.
pub(crate) fn selector(signature: &str) -> [u8; 4] {
    let [a, b, c, d, ..]: Bytes32 = Keccak256::digest(signature).into();
    [a, b, c, d]
}
