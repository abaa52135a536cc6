//! Putting a prover together.

use super::Prover;
use crate::commitments::{ModelSecret, PinnedModel};
use crate::committed::Link;
use crate::compiled::CompiledModel;
use crate::engine::{Engine, Implementation, Threads};
use crate::keys::ProvingKey;
use crate::{Device, Error, Progress, Srs, Verifier};
use std::borrow::Cow;
use std::sync::Arc;

/// What a [`Prover`] is made of; from [`Prover::builder`].
#[must_use]
#[derive(Debug)]
pub struct ProverBuilder {
    model: Arc<CompiledModel>,
    key: Arc<ProvingKey>,
    srs: Arc<Srs>,
    commitment: Option<(PinnedModel, ModelSecret)>,
    device: Device,
    threads: Option<usize>,
    implementation: Implementation,
    progress: Progress,
}

impl ProverBuilder {
    pub(super) fn new(model: Arc<CompiledModel>, key: Arc<ProvingKey>, srs: Arc<Srs>) -> Self {
        Self {
            model,
            key,
            srs,
            commitment: None,
            device: Device::default(),
            threads: None,
            implementation: Implementation::default(),
            progress: Progress::none(),
        }
    }

    /// The model commitment that the proofs are linked to, and its secret; needed exactly if the model's parameters are
    /// committed.
    pub fn commitment(mut self, model: PinnedModel, secret: ModelSecret) -> Self {
        self.commitment = Some((model, secret));
        self
    }

    /// Where proofs are made; [`Device::Auto`] by default.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Proves on so many threads of the prover's own, instead of those of the caller's rayon pool.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Chooses the code that makes the proofs.
    pub fn implementation(mut self, implementation: Implementation) -> Self {
        self.implementation = implementation;
        self
    }

    /// Where [`ProverBuilder::build`] reports its stages, and what cancels it.
    pub fn progress(mut self, progress: &Progress) -> Self {
        self.progress = progress.clone();
        self
    }

    /// Checks that the parts belong together, and prepares them for the device. An SRS that is larger than the key is cut to
    /// size, which takes a while.
    ///
    /// # Errors
    /// [`Error::WrongModel`] and [`Error::WrongSrs`] for files that do not belong to the key; [`Error::SrsTooSmall`];
    /// [`Error::CommitmentNeeded`], [`Error::NothingCommitted`] and [`Error::WrongCommitment`]; [`Error::UpstreamLink`] and
    /// [`Error::UpstreamDevice`] for what the upstream prover cannot do; [`Error::ThreadCount`]; [`Error::NoGpu`];
    /// [`Error::Backend`] if the device fails; [`Error::Cancelled`].
    #[tracing::instrument(level = "debug", name = "prepare", skip_all)]
    pub fn build(self) -> Result<Prover, Error> {
        let Self { model, key, srs, .. } = self;
        key.check_parts(&model, &srs)?;
        let (pinned, secret) = self.commitment.unzip();
        let verifier = Verifier::of(key.verifying_key().clone(), pinned.clone())?;
        if pinned.is_some() && self.implementation == Implementation::Upstream {
            return Err(Error::UpstreamLink);
        }
        let threads = Threads::new(self.threads)?;
        let prepare = || {
            let srs = match srs.sized(key.k(), &self.progress)? {
                Cow::Borrowed(_) => srs.clone(),
                Cow::Owned(sized) => Arc::new(sized),
            };
            let link = match pinned.zip(secret) {
                Some((pinned, secret)) => Some(link(&model, &key, &pinned, &secret)?),
                None => None,
            };
            let engine = Engine::new(
                self.implementation,
                self.device,
                key.clone(),
                srs.clone(),
                &self.progress,
            )?;
            Ok::<_, Error>((srs, link, engine))
        };
        let (srs, link, engine) = threads.install(prepare)?;
        Ok(Prover {
            model,
            key,
            srs,
            link,
            verifier,
            engine,
            threads,
        })
    }
}

fn link(
    model: &CompiledModel,
    key: &ProvingKey,
    pinned: &PinnedModel,
    secret: &ModelSecret,
) -> Result<Link, Error> {
    let (parameters, verifying_key) = (model.weight_columns()?, key.verifying_key());
    Ok(Link {
        model: verifying_key.model_link(pinned),
        blinding: secret.blinding(verifying_key.digest(), &parameters, key.blinding_rows()),
        parameters,
    })
}
