//! A provider's keys and their file.

use super::{SealingSecret, SecretFile};
use crate::{Error, ProviderKey, SealingKey, Signature, random};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FILE: SecretFile = SecretFile {
    what: "key file",
    one: "a key file",
    format: "zkml provider keys",
    version: 1,
    // Longer than any.
    limit: 4096,
};

/// What makes a provider one: the key that its manifests are signed with, and the key that
/// requests are sealed to.
#[derive(Clone)]
pub struct ProviderKeys {
    signing: SigningKey,
    sealing: SealingSecret,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    version: u16,
    signing: String,
    sealing: String,
}

impl ProviderKeys {
    /// Fresh keys.
    ///
    /// # Errors
    /// [`Error::Randomness`].
    pub fn generate() -> Result<Self, Error> {
        let seed = Zeroizing::new(random::bytes::<32>()?);
        Ok(Self {
            signing: SigningKey::from_bytes(&seed),
            sealing: SealingSecret::generate()?,
        })
    }

    /// The key that manifests are checked with.
    pub fn provider(&self) -> ProviderKey {
        self.signing.verifying_key().to_bytes().into()
    }

    /// The key that requests are sealed to.
    pub fn sealing_key(&self) -> SealingKey {
        self.sealing.public()
    }

    /// The secret that requests are opened with.
    pub fn sealing(&self) -> &SealingSecret {
        &self.sealing
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        self.signing.sign(message).to_bytes().into()
    }

    /// The same identity with a fresh sealing key: what was sealed to the old one can no longer
    /// be opened with the new keys.
    ///
    /// # Errors
    /// [`Error::Randomness`].
    pub fn rotate(&self) -> Result<Self, Error> {
        Ok(Self {
            signing: self.signing.clone(),
            sealing: SealingSecret::generate()?,
        })
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
                sealing: hex::encode(*self.sealing.to_bytes()),
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
            sealing: SealingSecret::from_bytes(&*FILE.secret(&stored.sealing)?)?,
        })
    }
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderKeys(of {})", self.provider())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let keys = ProviderKeys::generate().unwrap();
        keys.save(&path).unwrap();
        let same = ProviderKeys::load(&path).unwrap();
        assert_eq!(
            (same.provider(), same.sealing_key()),
            (keys.provider(), keys.sealing_key())
        );
        assert!(matches!(keys.save(&path), Err(Error::Exists { .. })));
    }

    #[test]
    fn rotation_keeps_the_identity() {
        let keys = ProviderKeys::generate().unwrap();
        let rotated = keys.rotate().unwrap();
        assert_eq!(keys.provider(), rotated.provider());
        assert_ne!(keys.sealing_key(), rotated.sealing_key());
        assert!(format!("{keys:?}").contains(&keys.provider().to_string()));
    }
}
