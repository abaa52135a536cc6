//! A manifest with its provider's signature, as a file has it.

use super::{Manifest, malformed};
use crate::{Error, ProviderKey, ProviderKeys, Signature};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use std::path::Path;
use zkml::Digest;
use zkml::advanced::write_atomically;

const FORMAT: &str = "zkml manifest";
const VERSION: u16 = 2;
/// The longest manifest that is read.
const LIMIT: usize = 16 << 20;

/// A manifest whose signature was checked.
///
/// The file has one form: its bytes are exactly what [`SignedManifest::to_json`] makes of its content. The
/// digest, which everything downstream pins, is Blake2b-256 of the manifest's compact JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedManifest {
    body: Manifest,
    signature: Signature,
    digest: Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    version: u16,
    manifest: Manifest,
    signature: Signature,
}

/// Only what tells whether this build can read the rest.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u16,
}

impl SignedManifest {
    /// Signs a manifest; its provider and sealing key become those of `keys`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a manifest that is of no use.
    pub fn sign(mut body: Manifest, keys: &ProviderKeys) -> Result<Self, Error> {
        body.provider = keys.provider();
        body.sealing_key = keys.sealing_key();
        body.validate()?;
        let digest = body_digest(&body)?;
        let signature = keys.sign(&message(&digest));
        Ok(Self {
            body,
            signature,
            digest,
        })
    }

    /// Reads a file's bytes and checks the signature.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Version`], [`Error::Malformed`], [`Error::NotCanonical`] for
    /// bytes that no provider signed in this form, [`Error::Signature`], and those of
    /// [`Manifest::validate`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > LIMIT {
            return Err(Error::TooLarge {
                what: "manifest",
                limit: LIMIT as u64,
                found: bytes.len() as u64,
            });
        }
        let header: Header = serde_json::from_slice(bytes).map_err(malformed)?;
        if header.format != FORMAT {
            return Err(malformed(format!(
                "expected the format {FORMAT:?}, found {:?}",
                header.format
            )));
        }
        Error::check_version("a manifest", VERSION, header.version)?;
        let stored: Stored = serde_json::from_slice(bytes).map_err(malformed)?;
        let signed = Self {
            digest: body_digest(&stored.manifest)?,
            body: stored.manifest,
            signature: stored.signature,
        };
        if signed.to_json()? != bytes {
            return Err(Error::NotCanonical);
        }
        signed.check_signature()?;
        // A provider may sign what is of no use.
        signed.body.validate()?;
        Ok(signed)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let stored = Stored {
            format: FORMAT.to_owned(),
            version: VERSION,
            manifest: self.body.clone(),
            signature: self.signature,
        };
        let mut text = serde_json::to_vec_pretty(&stored).map_err(malformed)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`SignedManifest::from_json`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::from_json(&std::fs::read(path).map_err(Error::io("read", path))?)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`Error::Zkml`] if it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let text = self.to_json()?;
        Ok(write_atomically(path, |w| w.write_all(&text))?)
    }

    /// What it says.
    pub fn body(&self) -> &Manifest {
        &self.body
    }

    /// What users, validators and proofs pin.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Checks that this is the pinned manifest.
    ///
    /// # Errors
    /// [`Error::WrongModel`].
    pub fn expect(self, pinned: &Digest) -> Result<Self, Error> {
        match self.digest == *pinned {
            true => Ok(self),
            false => Err(Error::WrongModel {
                expected: *pinned,
                found: self.digest,
            }),
        }
    }

    /// Checks that the pinned provider signed it.
    ///
    /// # Errors
    /// [`Error::WrongProvider`].
    pub fn expect_provider(self, pinned: &ProviderKey) -> Result<Self, Error> {
        match self.body.provider == *pinned {
            true => Ok(self),
            false => Err(Error::WrongProvider {
                expected: pinned.to_string(),
                found: self.body.provider.to_string(),
            }),
        }
    }

    fn check_signature(&self) -> Result<(), Error> {
        let refused = |_| Error::Signature {
            provider: self.body.provider.to_string(),
        };
        let key = VerifyingKey::from_bytes(self.body.provider.as_bytes()).map_err(refused)?;
        let signature = ed25519_dalek::Signature::from_bytes(self.signature.as_bytes());
        key.verify_strict(&message(&self.digest), &signature)
            .map_err(refused)
    }
}

fn body_digest(body: &Manifest) -> Result<Digest, Error> {
    let bytes = serde_json::to_vec(body).map_err(malformed)?;
    Ok(Digest::of(b"zkml-manifest-2", &[&bytes]))
}

/// What is signed: a tag, so that a signature means a manifest and nothing else, and the digest.
fn message(digest: &Digest) -> Vec<u8> {
    [&b"zkml manifest 2\0"[..], digest.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn signed() -> SignedManifest {
        SignedManifest::sign(testing::manifest(), &ProviderKeys::generate().unwrap()).unwrap()
    }

    #[test]
    fn a_file_comes_back() {
        let signed = signed();
        let bytes = signed.to_json().unwrap();
        assert_eq!(SignedManifest::from_json(&bytes).unwrap(), signed);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest.json");
        signed.save(&path).unwrap();
        let loaded = SignedManifest::load(&path).unwrap();
        assert_eq!(loaded.expect(signed.digest()).unwrap(), signed);
    }

    #[test]
    fn numbers_of_reports_come_back_exactly() {
        let mut body = testing::manifest();
        let accuracy = body.accuracy.as_mut().unwrap();
        (accuracy.target, accuracy.worst_error) = (0.1 + 0.2, 1e-7 / 3.0);
        let signed = SignedManifest::sign(body, &ProviderKeys::generate().unwrap()).unwrap();
        SignedManifest::from_json(&signed.to_json().unwrap()).unwrap();
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let good = signed().to_json().unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(SignedManifest::from_json(&bad).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_same_content_in_other_bytes_is_refused() {
        let good = String::from_utf8(signed().to_json().unwrap()).unwrap();
        let compact =
            serde_json::to_string(&serde_json::from_str::<serde_json::Value>(&good).unwrap()).unwrap();
        let reasons = [
            compact,
            good.replacen("\"version\": 2", "\"version\":  2", 1),
            good.trim_end().to_owned(),
            format!("{good} "),
        ];
        for bad in reasons {
            assert!(matches!(
                SignedManifest::from_json(bad.as_bytes()),
                Err(Error::NotCanonical)
            ));
        }
        let unknown = good.replacen("\"version\": 2,", "\"version\": 2, \"more\": 2,", 1);
        assert!(matches!(
            SignedManifest::from_json(unknown.as_bytes()),
            Err(Error::Malformed { .. })
        ));
        let later = good.replacen("\"version\": 2", "\"version\": 3", 1);
        assert!(matches!(
            SignedManifest::from_json(later.as_bytes()),
            Err(Error::Version { found: 3, .. })
        ));
    }

    #[test]
    fn a_signature_of_another_provider_or_manifest_is_refused() {
        let (one, two) = (signed(), signed());
        let mut forged = one.clone();
        forged.signature = two.signature;
        assert!(matches!(
            SignedManifest::from_json(&forged.to_json().unwrap()),
            Err(Error::Signature { .. })
        ));
        let mut renamed = one.clone();
        renamed.body.name.push('x');
        assert!(matches!(
            SignedManifest::from_json(&renamed.to_json().unwrap()),
            Err(Error::Signature { .. })
        ));
        let mut taken = one.clone();
        taken.body.provider = two.body.provider;
        assert!(matches!(
            SignedManifest::from_json(&taken.to_json().unwrap()),
            Err(Error::Signature { .. })
        ));
        assert!(matches!(
            one.clone().expect(two.digest()),
            Err(Error::WrongModel { .. })
        ));
        assert!(matches!(
            one.expect_provider(&two.body.provider),
            Err(Error::WrongProvider { .. })
        ));
    }
}
