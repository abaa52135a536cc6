//! The models that a service offers.

use crate::{Error, PublishedModel, SealingSecret, SignedManifest};
use std::collections::BTreeMap;
use zkml::Digest;

/// A model on offer: what everyone may fetch of it.
#[derive(Clone, Debug)]
pub struct Hosted {
    pub(super) manifest: SignedManifest,
    pub(super) manifest_json: Vec<u8>,
    pub(super) key: Vec<u8>,
}

impl Hosted {
    /// Offers a published model.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn new(model: &PublishedModel) -> Result<Self, Error> {
        Ok(Self {
            manifest: model.manifest().clone(),
            manifest_json: model.manifest().to_json()?,
            key: model.key().to_bytes()?,
        })
    }

    /// Offers a manifest without a verifying key: for tests of services that prove nothing.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    #[doc(hidden)]
    pub fn unproven(manifest: SignedManifest) -> Result<Self, Error> {
        Ok(Self {
            manifest_json: manifest.to_json()?,
            manifest,
            key: Vec::new(),
        })
    }
}

/// The models by the digests of their manifests.
pub(super) struct Models(BTreeMap<Digest, Hosted>);

impl Models {
    /// Models whose requests `secret` opens.
    pub(super) fn new(models: Vec<Hosted>, secret: &SealingSecret) -> Result<Self, Error> {
        for model in &models {
            let (expected, found) = (model.manifest.body().sealing_key, secret.public());
            if expected != found {
                return Err(Error::Mismatch {
                    what: "provider's sealing key",
                    expected: expected.to_string(),
                    found: found.to_string(),
                });
            }
        }
        let by_digest = models.into_iter().map(|m| (*m.manifest.digest(), m));
        Ok(Self(by_digest.collect()))
    }

    pub(super) fn get(&self, digest: &Digest) -> Result<&Hosted, Error> {
        self.0.get(digest).ok_or(Error::UnknownModel { model: *digest })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Hosted> {
        self.0.values()
    }
}
