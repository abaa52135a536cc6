//! Blake2b-256 digests that name models and keys.

use crate::Element;
use crate::text::serde_as_text;
use std::fmt;
use std::str::FromStr;

/// A 256-bit digest; shown, and stored in JSON, as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of byte strings. `domain`, at most 16 bytes, separates uses; every part is preceded by its length
    /// (8 bytes, little-endian), so that no two lists of parts coincide.
    pub fn of<const N: usize>(domain: &[u8; N], parts: &[&[u8]]) -> Self {
        const { assert!(N <= blake2b_simd::PERSONALBYTES, "a domain has at most 16 bytes") };
        let mut state = blake2b_simd::Params::new()
            .hash_length(32)
            .personal(domain)
            .to_state();
        for part in parts {
            state.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(state.finalize().as_bytes());
        Self(out)
    }

    /// The digest as two field elements: the first 16 bytes, then the other 16, each a number with its
    /// most significant byte first.
    pub fn halves(&self) -> [Element; 2] {
        let (high, low) = self.0.split_at(16);
        [high, low].map(|half| Element::from(half.iter().fold(0u128, |x, b| x << 8 | u128::from(*b))))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| {
            format!(
                "expected a digest of 64 hex digits, found {} characters",
                text.len()
            )
        })?;
        Ok(Self(bytes))
    }
}

serde_as_text!(Digest);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_domains_are_told_apart() {
        let all = [
            Digest::of(b"a", &[b"xy", b"z"]),
            Digest::of(b"a", &[b"x", b"yz"]),
            Digest::of(b"a", &[b"xyz"]),
            Digest::of(b"b", &[b"xyz"]),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
        }
    }

    #[test]
    fn halves_are_its_bytes() {
        let digest = Digest::of(b"a", &[]);
        let bytes: Vec<u8> = digest
            .halves()
            .iter()
            .flat_map(|h| h.to_be_bytes()[16..].to_vec())
            .collect();
        assert_eq!(bytes, digest.as_bytes());
    }

    #[test]
    fn text_comes_back() {
        let digest = Digest::of(b"a", &[]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("12".parse::<Digest>().is_err());
        assert!("g".repeat(64).parse::<Digest>().is_err());
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    }
}
