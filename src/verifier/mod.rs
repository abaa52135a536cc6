//! The verifier: a verifying key and what is pinned beside it.

mod batch;
mod check;
mod trace;

pub use trace::Trace;

use crate::ceremony::RequiredSrs;
use crate::commitments::PinnedModel;
use crate::keys::VerifyingKey;
use crate::{Claim, Error, Proof};
use std::sync::{Arc, OnceLock};
use zkml_verifier::BatchVerifier;

/// A verifying key with all that a program pins beside it, ready to verify.
///
/// [`Verifier::builder`] takes the key, owned or shared; [`VerifierBuilder::build`] checks once that the pins fit it.
/// Clones share everything.
///
/// ```no_run
/// use zkml::{Proof, Verifier, VerifyingKey};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = VerifyingKey::load("lenet5.vk".as_ref())?;
/// let verifier = Verifier::builder(key).require_srs("hermez".parse()?).build()?;
/// let claim = verifier.verify(&Proof::load("lenet5.zkproof".as_ref())?)?;
/// println!("{:?}", claim.tensors);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    key: Arc<VerifyingKey>,
    pinned: Option<PinnedModel>,
    /// Made when there are two proofs for it; `None` for a circuit whose proofs are verified one by one.
    batch: Arc<OnceLock<Option<BatchVerifier>>>,
}

/// What a [`Verifier`] is made of; from [`Verifier::builder`].
#[must_use]
#[derive(Debug)]
pub struct VerifierBuilder {
    key: Arc<VerifyingKey>,
    pinned: Option<PinnedModel>,
    srs: Option<RequiredSrs>,
    context: Option<usize>,
}

impl VerifierBuilder {
    /// The model commitment that proofs must be linked to; needed exactly if the key's parameters are committed.
    pub fn commitment(mut self, model: PinnedModel) -> Self {
        self.pinned = Some(model);
        self
    }

    /// The SRS that the key must come from.
    pub fn require_srs(mut self, srs: RequiredSrs) -> Self {
        self.srs = Some(srs);
        self
    }

    /// The number of values that proofs must be bound to.
    pub fn context_len(mut self, values: usize) -> Self {
        self.context = Some(values);
        self
    }

    /// Checks that key and pins belong together.
    ///
    /// # Errors
    /// [`Error::CommitmentNeeded`], [`Error::NothingCommitted`] and [`Error::WrongCommitment`]; [`Error::UntrustedSrs`];
    /// [`Error::ContextLength`].
    pub fn build(self) -> Result<Verifier, Error> {
        let key = &self.key;
        if let Some(required) = self.srs {
            required.check(key.srs_id())?;
        }
        if let Some(expected) = self.context.filter(|expected| *expected != key.context_len()) {
            return Err(Error::ContextLength {
                expected,
                found: key.context_len(),
            });
        }
        Verifier::of(self.key, self.pinned)
    }
}

impl Verifier {
    /// Starts with a key.
    pub fn builder(key: impl Into<Arc<VerifyingKey>>) -> VerifierBuilder {
        VerifierBuilder {
            key: key.into(),
            pinned: None,
            srs: None,
            context: None,
        }
    }

    /// A verifier with a key alone.
    ///
    /// # Errors
    /// [`Error::CommitmentNeeded`] for a key whose parameters are committed.
    pub fn new(key: impl Into<Arc<VerifyingKey>>) -> Result<Self, Error> {
        Self::of(key.into(), None)
    }

    /// A verifier with a key, and a commitment exactly if the key's parameters are committed.
    pub(crate) fn of(key: Arc<VerifyingKey>, pinned: Option<PinnedModel>) -> Result<Self, Error> {
        key.check_commitment(pinned.as_ref())?;
        Ok(Self {
            key,
            pinned,
            batch: Arc::default(),
        })
    }

    /// The key.
    pub fn key(&self) -> &Arc<VerifyingKey> {
        &self.key
    }

    /// The model commitment that proofs must be linked to.
    pub fn commitment(&self) -> Option<&PinnedModel> {
        self.pinned.as_ref()
    }

    /// Verifies a proof and says what it proves: where parameters are committed, about those of the commitment, and linked to
    /// it under its manifest.
    ///
    /// # Errors
    /// [`Error::InvalidProof`] is the answer "no": the proof does not prove its public values,
    /// or is not in its one canonical encoding. [`Error::WrongModel`], [`Error::WrongKey`] and [`Error::WrongTranscript`]
    /// say that the proof is not meant for this key.
    #[tracing::instrument(level = "debug", name = "verify", skip_all)]
    pub fn verify(&self, proof: &Proof) -> Result<Claim, Error> {
        let statement = self.key.statement(proof)?;
        self.key.check(&statement.columns, proof, self.pinned.as_ref())?;
        Ok(self.key.claim(statement, self.pinned.as_ref()))
    }
}
