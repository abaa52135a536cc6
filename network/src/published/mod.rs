//! A published model in the hands of those who check its answers.

mod answer;
#[cfg(feature = "keys")]
mod key_check;
mod tensors;
mod validate;

pub use answer::CheckedAnswer;
pub use validate::Validated;

use crate::{Binding, Error, Refusal, SignedManifest, WeightVisibility};
use zkml::{Claim, ModelCommitment, PinnedModel, Proof, Role, VerifyingKey};

/// A manifest with its verifying key: all that it takes to check answers, provided that the key was checked
/// (`PublishedModel::check_key`) or comes from someone who is trusted.
#[derive(Clone, Debug)]
pub struct PublishedModel {
    manifest: SignedManifest,
    key: VerifyingKey,
    commitment: Option<ModelCommitment>,
}

impl PublishedModel {
    /// Puts a manifest and its verifying key together.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the key is not the one that the manifest states, or does not show, hash, fix or
    /// commit to what the manifest says; [`Error::Zkml`] for a model commitment that no proof of the key can be linked to.
    pub fn new(manifest: SignedManifest, key: VerifyingKey) -> Result<Self, Error> {
        let body = manifest.body();
        check("verifying key", &body.key_digest, key.digest())?;
        check(
            "circuit of the verifying key",
            &body.model_digest,
            key.model_digest(),
        )?;
        check("SRS of the verifying key", &body.srs, &key.srs_id())?;
        check(
            "error bound of the verifying key",
            &body.error_bits,
            &key.layout().error_bits,
        )?;
        check(
            "visibility of the weights",
            &body.visibility.params,
            &weights(&key),
        )?;
        check(
            "values that a proof is bound to",
            &Binding::VALUES,
            &key.context_len(),
        )?;
        tensors::check(body, &key)?;
        let commitment = body.commitment()?;
        let model = Self {
            manifest,
            key,
            commitment,
        };
        model.key.check_commitment(model.pinned().as_ref())?;
        Ok(model)
    }

    /// The manifest.
    pub fn manifest(&self) -> &SignedManifest {
        &self.manifest
    }

    /// The verifying key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// What a refusal means to its user.
    pub fn refused(&self, refusal: Refusal) -> Error {
        match refusal {
            Refusal::Model if !self.manifest.body().may_refuse => Error::BrokenWord,
            refusal => Error::Refused { refusal },
        }
    }

    /// The commitment to the weights, under this manifest; none if they are not committed.
    pub fn pinned(&self) -> Option<PinnedModel<'_>> {
        let pin = |commitment| PinnedModel::with_manifest(commitment, *self.manifest.digest());
        self.commitment.as_ref().map(pin)
    }

    /// Verifies a proof, with the weights that the manifest commits to if it does.
    fn verify(&self, proof: &Proof) -> Result<Claim, Error> {
        Ok(match self.pinned() {
            Some(model) => self.key.verify_linked(proof, &model),
            None => self.key.verify(proof),
        }?)
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

fn check(what: &'static str, expected: &impl ToString, found: &impl ToString) -> Result<(), Error> {
    let (expected, found) = (expected.to_string(), found.to_string());
    match expected == found {
        true => Ok(()),
        false => Err(Error::Mismatch {
            what,
            expected,
            found,
        }),
    }
}
