//! A published model in the hands of those who check its answers.

mod answer;
mod validate;

pub use answer::CheckedAnswer;
pub use validate::Validated;

use crate::{Error, Manifest, SignedManifest, TensorVisibility};
use zkml::{Claim, ModelCommitment, PinnedModel, Proof, Role, VerifyingKey};

/// A manifest with its verifying key: all that it takes to check answers.
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
    /// [`Error::Mismatch`] if the key is not the one that the manifest states, or has another
    /// schema.
    pub fn new(manifest: SignedManifest, key: VerifyingKey) -> Result<Self, Error> {
        let body = manifest.body();
        check("verifying key", &body.key_digest, key.digest())?;
        check(
            "circuit of the verifying key",
            &body.model_digest,
            key.model_digest(),
        )?;
        check("SRS of the verifying key", &body.srs, &key.srs_id())?;
        check("origin of the SRS", &body.development_srs, &key.is_development())?;
        check_shown(body, &key)?;
        let commitment = body.commitment()?;
        check("kind of parameters", &commitment.is_some(), &key.commits_params())?;
        if let Some(commitment) = &commitment {
            check("model commitment", key.digest(), commitment.key_digest())?;
        }
        Ok(Self {
            manifest,
            key,
            commitment,
        })
    }

    /// The manifest.
    pub fn manifest(&self) -> &SignedManifest {
        &self.manifest
    }

    /// The verifying key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
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

/// Checks that the key shows the tensors that the manifest calls public, as it describes them.
fn check_shown(body: &Manifest, key: &VerifyingKey) -> Result<(), Error> {
    let shown = |role| {
        let tensors = key.public_tensors().filter(move |tensor| tensor.role == role);
        tensors.map(|t| (&t.name, &t.shape, t.scale)).collect::<Vec<_>>()
    };
    let described = |visibility, tensors: Vec<_>| match visibility {
        TensorVisibility::Public => tensors,
        _ => Vec::new(),
    };
    let inputs = body.inputs.iter().map(|i| (&i.name, &i.shape, i.scale)).collect();
    let outputs = body
        .outputs
        .iter()
        .map(|o| (&o.name, &o.shape, o.scale))
        .collect();
    for (what, described, shown) in [
        (
            "public inputs",
            described(body.visibility.inputs, inputs),
            shown(Role::Input),
        ),
        (
            "public outputs",
            described(body.visibility.outputs, outputs),
            shown(Role::Output),
        ),
    ] {
        if described != shown {
            return Err(Error::Mismatch {
                what,
                expected: format!("{described:?}"),
                found: format!("{shown:?}"),
            });
        }
    }
    Ok(())
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
