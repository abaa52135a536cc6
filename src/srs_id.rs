//! The identity of an SRS.

use halo2curves::bn256::G2Affine;
use halo2curves::serde::SerdeObject;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Identity of an SRS: a hash of the secret in the exponent of G2; shown as 32 hex digits.
///
/// SRS of different sizes with one secret have one identity, and keys and proofs of one work
/// with the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SrsId([u8; 16]);

impl SrsId {
    /// The identity of the SRS with this point.
    pub(crate) fn of(s_g2: &G2Affine) -> Self {
        let mut hasher = blake2b_simd::Params::new();
        let hash = hasher
            .hash_length(16)
            .personal(b"zkml-srs-id\0\0\0\0\0")
            .hash(&s_g2.to_raw_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(hash.as_bytes());
        Self(id)
    }

    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for SrsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SrsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SrsId({self})")
    }
}

impl FromStr for SrsId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| {
            format!(
                "expected the identity of an SRS of 32 hex digits, found {} characters",
                text.len()
            )
        })?;
        Ok(Self(bytes))
    }
}

impl Serialize for SrsId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
