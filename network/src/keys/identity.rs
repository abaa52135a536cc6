//! Who asks, where a provider wants to know: a key of the requester's.

use super::SecretFile;
use crate::{Error, IdentityKey, Signature, random};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FILE: SecretFile = SecretFile {
    what: "requester's identity",
    one: "a requester's identity",
    format: "zkml requester identity",
    version: 1,
    // Longer than any.
    limit: 4096,
};

/// A requester's key pair. A provider that answers known requesters alone knows the public half; requests are signed
/// with the other one, so that no requester uses up the answers of another.
#[derive(Clone)]
pub struct Identity {
    signing: SigningKey,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    version: u16,
    signing: String,
}

impl Identity {
    /// A fresh one.
    ///
    /// # Errors
    /// [`Error::Randomness`].
    pub fn generate() -> Result<Self, Error> {
        let seed = Zeroizing::new(random::bytes::<32>()?);
        Ok(Self {
            signing: SigningKey::from_bytes(&seed),
        })
    }

    /// The public half, for providers.
    pub fn key(&self) -> IdentityKey {
        self.signing.verifying_key().to_bytes().into()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        self.signing.sign(message).to_bytes().into()
    }

    /// Writes a new file that only its owner may read. An existing file is never overwritten.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Io`]: then there is no file.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        FILE.save(
            path,
            &Stored {
                format: FILE.format.to_owned(),
                version: FILE.version,
                signing: hex::encode(self.signing.as_bytes()),
            },
        )
    }

    /// Reads a file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Permissions`] for a file that others may read, [`Error::Io`], and
    /// [`Error::Malformed`], [`Error::Version`] or [`Error::TooLarge`] for other content.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let stored: Stored = FILE.load(path)?;
        Ok(Self {
            signing: SigningKey::from_bytes(&*FILE.secret(&stored.signing)?),
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity(of {})", self.key())
    }
}

impl IdentityKey {
    /// Checks a signature that [`Identity::sign`] made.
    ///
    /// # Errors
    /// [`Error::IdentitySignature`].
    pub(crate) fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), Error> {
        let refused = |_| Error::IdentitySignature {
            identity: self.to_string(),
        };
        let key = VerifyingKey::from_bytes(self.as_bytes()).map_err(refused)?;
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        key.verify_strict(message, &signature).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_and_signs_as_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity");
        let identity = Identity::generate().unwrap();
        identity.save(&path).unwrap();
        assert!(matches!(identity.save(&path), Err(Error::Exists { .. })));
        let same = Identity::load(&path).unwrap();
        identity.key().verify(b"message", &same.sign(b"message")).unwrap();
        let stranger = Identity::generate().unwrap();
        for (message, signature) in [
            (&b"message"[..], stranger.sign(b"message")),
            (b"other", identity.sign(b"message")),
        ] {
            assert!(matches!(
                identity.key().verify(message, &signature),
                Err(Error::IdentitySignature { .. })
            ));
        }
        assert!(!format!("{identity:?}").contains(&hex::encode(identity.signing.as_bytes())));
    }
}
