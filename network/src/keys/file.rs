//! A provider's keys and their file.

use super::SealingSecret;
use crate::{Error, ProviderKey, SealingKey, Signature, random};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FORMAT: &str = "zkml provider keys";
const VERSION: u16 = 1;
/// Longer than any key file.
const LIMIT: u64 = 4096;

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
    /// [`Error::Exists`], [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let stored = Stored {
            format: FORMAT.to_owned(),
            version: VERSION,
            signing: hex::encode(self.signing.as_bytes()),
            sealing: hex::encode(*self.sealing.to_bytes()),
        };
        let text = serde_json::to_vec_pretty(&stored).map_err(|error| Error::Malformed {
            what: "key file",
            reason: error.to_string(),
        })?;
        write_secret(path, &Zeroizing::new(text))
    }

    /// Reads a file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Permissions`] for a file that others may read, [`Error::Io`], and
    /// [`Error::Malformed`] or [`Error::Version`] for other content.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = read_secret(path, LIMIT)?;
        let malformed = |reason: String| Error::Malformed {
            what: "key file",
            reason,
        };
        let stored: Stored = serde_json::from_slice(&text)
            // serde's message may quote the content.
            .map_err(|error| {
                malformed(format!(
                    "expected JSON of a key file, found an error in line {}",
                    error.line()
                ))
            })?;
        if stored.format != FORMAT {
            return Err(malformed(format!(
                "expected the format {FORMAT:?}, found another"
            )));
        }
        if stored.version != VERSION {
            return Err(Error::Version {
                what: "a key file",
                expected: VERSION,
                found: stored.version,
            });
        }
        let secret = |text: &str| {
            let mut bytes = Zeroizing::new([0; 32]);
            hex::decode_to_slice(text, &mut *bytes)
                .map(|()| bytes)
                .map_err(|_| malformed("expected secrets of 64 hex digits, found others".to_owned()))
        };
        Ok(Self {
            signing: SigningKey::from_bytes(&*secret(&stored.signing)?),
            sealing: SealingSecret::from_bytes(&*secret(&stored.sealing)?)?,
        })
    }
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderKeys(of {})", self.provider())
    }
}

/// Creates a file that only its owner may read, and puts it on disk.
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Exists {
            path: path.to_owned(),
        },
        _ => Error::io("write", path)(source),
    })?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(Error::io("write", path))
}

/// Reads a file that only its owner may read.
pub(crate) fn read_secret(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file
            .metadata()
            .map_err(Error::io("read", path))?
            .permissions()
            .mode()
            & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::Permissions {
                path: path.to_owned(),
                mode,
            });
        }
    }
    let mut content = Zeroizing::new(Vec::new());
    file.take(limit + 1)
        .read_to_end(&mut content)
        .map_err(Error::io("read", path))?;
    if content.len() as u64 > limit {
        return Err(Error::TooLarge {
            what: "file of secrets",
            limit,
            found: content.len() as u64,
        });
    }
    Ok(content)
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

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        ProviderKeys::generate().unwrap().save(&path).unwrap();
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for open in [0o640, 0o604, 0o660] {
            mode(open);
            assert!(matches!(
                ProviderKeys::load(&path),
                Err(Error::Permissions { .. })
            ));
        }
        mode(0o400);
        ProviderKeys::load(&path).unwrap();
    }

    #[test]
    fn other_content_is_malformed_and_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        let text = |name: &str, from: &str, to: &str| {
            let path = dir.path().join(name);
            ProviderKeys::generate().unwrap().save(&path).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            ProviderKeys::load(&path).unwrap_err()
        };
        assert!(matches!(text("a", FORMAT, "other"), Error::Malformed { .. }));
        assert!(matches!(
            text("b", "\"version\": 1", "\"version\": 2"),
            Error::Version { found: 2, .. }
        ));
        assert!(matches!(
            text("c", "\"signing\": \"", "\"signing\": \"zz"),
            Error::Malformed { .. }
        ));
        assert!(matches!(text("d", "{", "secret"), Error::Malformed { .. }));
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
