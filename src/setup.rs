//! Making keys, and committing to a model's parameters.

use crate::artifact::ArtifactKind;
use crate::backend::{Optimize, WitnessColumn};
use crate::commitments::{ModelCommitment, ModelSecret};
use crate::compiled::CompiledModel;
use crate::engine;
use crate::keys::{Parts, ProvingKey, VerifyingKey};
use crate::transcript::TranscriptKind;
use crate::{Device, Error, Progress, Srs};
use ff::Field;
use group::Curve;
use halo2_proofs::poly::Polynomial;
use halo2_proofs::poly::commitment::{Blind, Params};
use halo2curves::bn256::Fr;

/// How keys are made.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetupOptions {
    transcript: Option<TranscriptKind>,
    device: Device,
}

impl SetupOptions {
    /// The transcript of the keys' proofs. By default it is the one that contracts follow for a model that is compiled for
    /// contracts ([`Optimize::Evm`]), and Blake2b for others.
    #[must_use]
    pub fn transcript(mut self, transcript: TranscriptKind) -> Self {
        self.transcript = Some(transcript);
        self
    }

    /// Where the keys are made. They are the same everywhere.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }
}

impl CompiledModel {
    /// Makes the keys with default options. The same model and the same SRS give the same keys.
    ///
    /// # Errors
    /// As [`CompiledModel::setup_with`].
    pub fn setup(&self, srs: &Srs, progress: &Progress) -> Result<(ProvingKey, VerifyingKey), Error> {
        self.setup_with(srs, &SetupOptions::default(), progress)
    }

    /// Makes the keys.
    ///
    /// # Errors
    /// [`Error::SrsTooSmall`], [`Error::NoGpu`], [`Error::Backend`], [`Error::Cancelled`]. An SRS that is larger
    /// than [`CompiledModel::k`] is cut to size, which takes a while.
    #[tracing::instrument(level = "debug", name = "setup", skip_all)]
    pub fn setup_with(
        &self,
        srs: &Srs,
        options: &SetupOptions,
        progress: &Progress,
    ) -> Result<(ProvingKey, VerifyingKey), Error> {
        let transcript = options.transcript.unwrap_or(match self.options().optimize {
            Optimize::Evm => TranscriptKind::Evm,
            Optimize::Prover | Optimize::Verifier => TranscriptKind::Blake2b,
        });
        let srs = srs.sized(self.k(), progress)?;
        let (halo2, engine) = progress.stage("making keys", || {
            engine::keygen(options.device, &srs, &self.circuit.blank())
        })?;
        let parts = Parts {
            model_digest: *self.digest(),
            s_g2: srs.params().s_g2(),
            transcript,
            shape: self.circuit.shape().clone(),
            schema: self.schema(),
        };
        let verifying_key = VerifyingKey::new(parts, &halo2)?;
        Ok((ProvingKey::new(verifying_key.clone(), engine), verifying_key))
    }
}

impl ProvingKey {
    /// Commits to a model's parameters: the proofs of its prover are linked to this commitment.
    ///
    /// # Errors
    /// [`Error::NothingCommitted`] if the model's parameters are not committed; [`Error::WrongModel`],
    /// [`Error::WrongSrs`], [`Error::SrsTooSmall`], [`Error::Cancelled`].
    #[tracing::instrument(level = "debug", name = "commit_model", skip_all)]
    pub fn commit_model(
        &self,
        model: &CompiledModel,
        srs: &Srs,
        secret: &ModelSecret,
        progress: &Progress,
    ) -> Result<ModelCommitment, Error> {
        self.check_parts(model, srs)?;
        let key = self.verifying_key();
        if !key.commits_params() {
            return Err(Error::NothingCommitted);
        }
        let srs = srs.sized(self.k(), progress)?;
        progress.stage("committing to the parameters", || {
            let columns = model.weight_columns()?;
            let blinding = secret.blinding(key.digest(), &columns, self.blinding_rows());
            let commit = |(column, blinding): (&WitnessColumn, Vec<Fr>)| {
                let mut values = vec![Fr::ZERO; (1 << key.k()) - blinding.len()];
                for (row, cell) in column.cells() {
                    values[row] = cell;
                }
                values.extend(blinding);
                srs.params()
                    .commit_lagrange(&Polynomial::new(values), Blind::default())
                    .to_affine()
            };
            Ok(ModelCommitment {
                model_digest: *key.model_digest(),
                key_digest: *key.digest(),
                columns: columns.iter().zip(blinding).map(commit).collect(),
            })
        })
    }

    /// Rows that hold random values in every column: halo2 fills one more than it counts.
    pub(crate) fn blinding_rows(&self) -> usize {
        self.verifying_key().halo2().cs().blinding_factors() + 1
    }

    /// Checks that a model and an SRS belong to the key.
    pub(crate) fn check_parts(&self, model: &CompiledModel, srs: &Srs) -> Result<(), Error> {
        if self.model_digest() != model.digest() {
            return Err(Error::WrongModel {
                what: ArtifactKind::ProvingKey,
                expected: model.digest().to_string(),
                found: self.model_digest().to_string(),
            });
        }
        if self.srs_id() != srs.id() {
            return Err(Error::WrongSrs {
                expected: self.srs_id().to_string(),
                found: srs.id().to_string(),
            });
        }
        Ok(())
    }
}
