//! X25519 secrets.

use crate::{Error, SealingKey, random};
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use std::fmt;
use zeroize::Zeroizing;

/// The KEM of RFC 9180 with X25519 and HKDF-SHA256.
pub(crate) type Suite = X25519HkdfSha256;

/// The secret that messages to a provider are opened with.
///
/// It is erased from memory when it is dropped and never shown.
#[derive(Clone)]
pub struct SealingSecret {
    secret: <Suite as Kem>::PrivateKey,
    public: SealingKey,
}

impl SealingSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// [`Error::Randomness`].
    pub fn generate() -> Result<Self, Error> {
        let seed = Zeroizing::new(random::bytes::<32>()?);
        let (secret, _) = Suite::derive_keypair(&*seed);
        Ok(Self::new(secret))
    }

    /// The secret with these bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for bytes that are no X25519 secret.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        <Suite as Kem>::PrivateKey::from_bytes(bytes)
            .map(Self::new)
            .map_err(|error| Error::malformed("X25519 secret", error))
    }

    fn new(secret: <Suite as Kem>::PrivateKey) -> Self {
        let public: [u8; 32] = Suite::sk_to_pk(&secret).to_bytes().into();
        Self {
            secret,
            public: public.into(),
        }
    }

    /// The bytes, for a file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes().into())
    }

    /// The public key that others seal to.
    pub fn public(&self) -> SealingKey {
        self.public
    }

    pub(crate) fn hpke(&self) -> &<Suite as Kem>::PrivateKey {
        &self.secret
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingSecret(of {})", self.public)
    }
}

/// The secret that one answer is opened with; made for one request and kept by the user.
pub type ReplyKey = SealingSecret;

/// The public key as the HPKE crate has it.
pub(crate) fn public_key(key: &SealingKey) -> Result<<Suite as Kem>::PublicKey, Error> {
    <Suite as Kem>::PublicKey::from_bytes(key.as_bytes())
        .map_err(|error| Error::malformed("X25519 key", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_and_is_not_shown() {
        let secret = SealingSecret::generate().unwrap();
        let same = SealingSecret::from_bytes(&secret.to_bytes()).unwrap();
        assert_eq!(secret.public(), same.public());
        assert_ne!(secret.public(), SealingSecret::generate().unwrap().public());
        assert!(!format!("{secret:?}").contains(&hex::encode(*secret.to_bytes())));
    }
}
