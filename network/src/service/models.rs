//! The models that a service offers.

use crate::{Error, PublishedModel, SealedRequest, SealingSecret, SignedManifest};
use axum::body::Bytes;
use std::collections::BTreeMap;
use zkml::{Circuit, Digest, Progress, Srs};

/// Bytes of a request's JSON around what is sealed, with room for other white space.
const ENVELOPE: usize = 2048;

/// log2 of the powers of the largest SRS that is sent: 128 MiB.
const LARGEST_SRS: u32 = 20;

/// A model on offer: what everyone may fetch of it.
#[derive(Clone, Debug)]
pub struct Hosted {
    pub(super) manifest: SignedManifest,
    pub(super) manifest_json: Bytes,
    pub(super) key: Bytes,
    pub(super) circuit: Bytes,
    /// The SRS in its raw form; none if it is larger than any client fetches.
    pub(super) srs: Option<Bytes>,
    /// Sealed bytes of a request.
    pub(super) ciphertext_len: usize,
}

impl Hosted {
    /// Offers a published model, with what it takes to check its key: the circuit, and the SRS unless it is too large
    /// to be sent.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a model whose inputs no message holds, [`Error::Mismatch`] for a circuit or an SRS of
    /// another key, [`Error::Zkml`] for an SRS that is too small.
    pub fn new(model: &PublishedModel, circuit: &Circuit, srs: &Srs) -> Result<Self, Error> {
        let body = model.manifest().body();
        Error::check_match("circuit", &body.circuit_digest, circuit.digest())?;
        Error::check_match("SRS", &body.srs, &srs.id())?;
        let k = model.key().k();
        let srs = match k <= LARGEST_SRS {
            true => Some(srs.downsize(k, &Progress::none())?.to_raw_bytes()?.into()),
            false => None,
        };
        Ok(Self {
            ciphertext_len: SealedRequest::ciphertext_len(model.manifest().body())?,
            manifest: model.manifest().clone(),
            manifest_json: model.manifest().to_json()?.into(),
            key: model.key().to_bytes()?.into(),
            circuit: circuit.to_bytes()?.into(),
            srs,
        })
    }

    /// Offers a manifest without a verifying key: for tests of services that prove nothing.
    ///
    /// # Errors
    /// As [`Hosted::new`].
    #[doc(hidden)]
    pub fn unproven(manifest: SignedManifest) -> Result<Self, Error> {
        Ok(Self {
            ciphertext_len: SealedRequest::ciphertext_len(manifest.body())?,
            manifest_json: manifest.to_json()?.into(),
            manifest,
            key: Bytes::new(),
            circuit: Bytes::new(),
            srs: None,
        })
    }
}

/// The models by the digests of their manifests.
pub(super) struct Models(BTreeMap<Digest, Hosted>);

impl Models {
    /// Models whose requests `secret` opens.
    pub(super) fn new(models: Vec<Hosted>, secret: &SealingSecret) -> Result<Self, Error> {
        for model in &models {
            let expected = &model.manifest.body().sealing_key;
            Error::check_match("provider's sealing key", expected, &secret.public())?;
        }
        let by_digest = models.into_iter().map(|m| (*m.manifest.digest(), m));
        Ok(Self(by_digest.collect()))
    }

    pub(super) fn get(&self, digest: &Digest) -> Result<&Hosted, Error> {
        self.0.get(digest).ok_or(Error::UnknownModel { model: *digest })
    }

    /// Bytes of the longest request that any of them takes, as JSON.
    pub(super) fn longest_request(&self) -> usize {
        let longest = self.all().map(|m| m.ciphertext_len).max().unwrap_or(0);
        longest.div_ceil(3) * 4 + ENVELOPE
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Hosted> {
        self.0.values()
    }
}
