//! A published model in the hands of those who check its answers.

mod answer;
#[cfg(feature = "keys")]
mod key_check;
mod tensors;
mod validate;

pub use answer::CheckedAnswer;
pub use validate::Validated;

use crate::{Binding, Error, Refusal, SignedManifest, WeightVisibility};
use std::sync::Arc;
use zkml::commitments::PinnedModel;
use zkml::{Role, Verifier, VerifyingKey};

/// A manifest with its verifying key: all that it takes to check answers, provided that the key was checked
/// (`PublishedModel::check_key`) or comes from a trusted source.
#[derive(Clone, Debug)]
pub struct PublishedModel {
    manifest: SignedManifest,
    verifier: Verifier,
}

impl PublishedModel {
    /// Puts a manifest and its verifying key together.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the key is not the one that the manifest states, or does not show, hash, fix or
    /// commit to what the manifest says; [`Error::Zkml`] for a model commitment that no proof of the key can be linked to.
    pub fn new(manifest: SignedManifest, key: impl Into<Arc<VerifyingKey>>) -> Result<Self, Error> {
        let key = key.into();
        let body = manifest.body();
        Error::check_match("verifying key", &body.key_digest, key.digest())?;
        Error::check_match(
            "circuit of the verifying key",
            &body.model_digest,
            key.model_digest(),
        )?;
        Error::check_match("SRS of the verifying key", &body.srs, &key.srs_id())?;
        Error::check_match(
            "error bound of the verifying key",
            &body.error_bits,
            &key.layout().error_bits,
        )?;
        Error::check_match(
            "visibility of the weights",
            &body.visibility.params,
            &weights(&key),
        )?;
        Error::check_match(
            "values that a proof is bound to",
            &Binding::VALUES,
            &key.context_len(),
        )?;
        tensors::check(body, &key)?;
        let mut verifier = Verifier::builder(key);
        if let Some(commitment) = body.commitment()? {
            verifier = verifier.commitment(PinnedModel::with_manifest(commitment, *manifest.digest()));
        }
        Ok(Self {
            verifier: verifier.build()?,
            manifest,
        })
    }

    /// The manifest.
    pub fn manifest(&self) -> &SignedManifest {
        &self.manifest
    }

    /// The verifying key.
    pub fn key(&self) -> &VerifyingKey {
        self.verifier.key()
    }

    /// What a refusal means to its user.
    pub fn refused(&self, refusal: Refusal) -> Error {
        match refusal {
            Refusal::Model if !self.manifest.body().may_refuse => Error::BrokenWord,
            refusal => Error::Refused { refusal },
        }
    }

    /// The commitment to the weights, under this manifest; none if they are not committed.
    pub fn pinned(&self) -> Option<&PinnedModel> {
        self.verifier.commitment()
    }
}

/// Who may see the weights, by what the key does with them.
fn weights(key: &VerifyingKey) -> WeightVisibility {
    let shown = key.public_tensors().any(|tensor| tensor.role == Role::Param);
    let hashed = key
        .hashed_tensors()
        .iter()
        .any(|tensor| tensor.role == Role::Param);
    match () {
        () if key.commits_params() => WeightVisibility::Committed,
        () if key.fixes_params() => WeightVisibility::Fixed,
        () if shown => WeightVisibility::Public,
        () if hashed => WeightVisibility::Hashed,
        () => WeightVisibility::Private,
    }
}
