//! The prover behind a service.

use super::publish::{Publication, publish};
use crate::{
    Answer, Binding, Engine, Error, InputSchema, OpenRequest, Outcome, ProviderKeys, PublishedModel, Refusal,
    Salt, SignedManifest,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zkml::advanced::fixed_point::dequantize;
use zkml::commitments::{ModelSecret, Opening};
use zkml::ndarray::IxDyn;
use zkml::{Circuit, CompiledModel, Device, FloatTensor, Progress, ProveOptions, ProvingKey, Role, Srs};

/// What proving a model takes.
pub struct ProverFiles {
    /// The model.
    pub model: CompiledModel,
    /// Its proving key.
    pub key: ProvingKey,
    /// The SRS that the key was made with.
    pub srs: Srs,
    /// The secret of the commitment to the model's weights; exactly if they are committed.
    pub secret: Option<ModelSecret>,
    /// Where proofs are made.
    pub device: Device,
}

/// A model with everything that proving it takes.
pub struct ProvingEngine {
    published: PublishedModel,
    circuit: Circuit,
    prover: zkml::Prover,
}

impl ProvingEngine {
    /// Puts a published model and its prover's files together.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for files that do not belong together, among them weights or a secret that the manifest does not
    /// commit to; [`Error::Unsuitable`] for committed parameters without their secret.
    pub fn new(manifest: SignedManifest, files: ProverFiles) -> Result<Self, Error> {
        let ProverFiles {
            model,
            key,
            srs,
            secret,
            device,
        } = files;
        let published = PublishedModel::new(manifest, key.verifying_key().clone())?;
        Error::check_match("compiled model", &key.model_digest(), &model.digest())?;
        Error::check_match(
            "statement whether the model may refuse inputs",
            &published.manifest().body().may_refuse,
            &model.can_refuse(),
        )?;
        let circuit = model.circuit(key.verifying_key().transcript())?;
        Error::check_match(
            "circuit",
            &published.manifest().body().circuit_digest,
            &circuit.digest(),
        )?;
        Error::check_match("SRS", &key.srs_id(), &srs.id())?;
        let pinned = match published.pinned() {
            None => None,
            Some(pinned) => {
                let secret = secret.ok_or_else(|| Error::Unsuitable {
                    what: "committed parameters".to_owned(),
                    reason: "the secret of the commitment is missing; `zkml publish` wrote it".to_owned(),
                })?;
                // With another one no proof would come about, and every request would fail.
                let own = key.commit_model(&model, &srs, &secret, &Progress::none())?;
                Error::check_match(
                    "commitment to the model's weights and their secret",
                    &pinned.commitment().digest(),
                    &own.digest(),
                )?;
                Some((pinned.clone(), secret))
            }
        };
        let mut prover = zkml::Prover::builder(model, key, srs).device(device);
        if let Some((pinned, secret)) = pinned {
            prover = prover.commitment(pinned, secret);
        }
        Ok(Self {
            prover: prover.build()?,
            published,
            circuit,
        })
    }

    /// Publishes a model with its prover's files: makes the commitment to its weights, if they are
    /// committed, and signs its manifest. `allow_refusals` is [`Publication::allow_refusals`].
    ///
    /// # Errors
    /// Those of [`publish`] and of [`ProvingEngine::new`].
    pub fn publish(
        name: &str,
        files: ProverFiles,
        allow_refusals: bool,
        keys: &ProviderKeys,
        progress: &Progress,
    ) -> Result<Self, Error> {
        let ProverFiles {
            model,
            key,
            srs,
            secret,
            ..
        } = &files;
        let commitment = match secret {
            Some(secret) => Some(key.commit_model(model, srs, secret, progress)?),
            None => None,
        };
        let publication = Publication {
            name,
            model,
            key: key.verifying_key(),
            commitment: commitment.as_ref(),
            allow_refusals,
        };
        let manifest = publish(&publication, keys)?;
        Self::new(manifest, files)
    }

    /// What everyone checks answers with.
    pub fn published(&self) -> &PublishedModel {
        &self.published
    }

    /// What everyone makes the verifying key of.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// The SRS of the keys.
    pub fn srs(&self) -> &Srs {
        self.prover.srs()
    }

    /// The real numbers of integers that a user sent, or why the model does not take them.
    fn real_inputs(&self, request: &OpenRequest) -> Result<Vec<FloatTensor>, Error> {
        let schemas = &self.published.manifest().body().inputs;
        if request.inputs.len() != schemas.len() {
            return Err(Error::Input {
                name: "(all)".to_owned(),
                expected: format!("{} inputs", schemas.len()),
                found: request.inputs.len().to_string(),
            });
        }
        schemas
            .iter()
            .zip(&request.inputs)
            .map(|(s, q)| real(s, q))
            .collect()
    }

    /// Runs the model on a request and proves the run.
    ///
    /// # Errors
    /// [`Failure`] that says whose matter it is.
    pub(super) fn run(
        &self,
        binding: &Binding,
        request: &OpenRequest,
        progress: &Progress,
    ) -> Result<Answer, Failure> {
        // First, and from the manifest alone: a text about the request tells nothing of the model.
        let inputs = self.real_inputs(request).map_err(Failure::Request)?;
        let work = || self.prove(binding, &request.salts, &inputs, progress);
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(
                error @ (zkml::Error::Cancelled | zkml::Error::Backend { .. } | zkml::Error::Kernel(_)),
            )) => Err(Failure::Machine(error)),
            Ok(Err(error)) => Err(Failure::Model(error)),
            // A bug, which may be one that only some weights meet.
            Err(_) => Err(Failure::Model(zkml::Error::Unproven {
                reason: "the prover broke off".to_owned(),
            })),
        }
    }

    fn prove(
        &self,
        binding: &Binding,
        salts: &[Salt],
        inputs: &[FloatTensor],
        progress: &Progress,
    ) -> Result<Answer, zkml::Error> {
        let model = self.prover.model();
        let options = ProveOptions::default().progress(progress);
        let mut options = options.context(binding.to_elements().to_vec());
        for (schema, salt) in model.inputs().iter().zip(salts) {
            options = options.salt(Role::Input, &schema.name, salt.clone());
        }
        let proven = self.prover.prove_with(inputs, &options)?;
        let outputs = proven.openings.iter();
        let outputs: Vec<&Opening> = outputs
            .filter(|opening| opening.tensor.role == Role::Output)
            .collect();
        let values = outputs
            .iter()
            .map(|opening| Ok(model.hashed_values(&opening.tensor, inputs)?.concat()))
            .collect::<Result<_, zkml::Error>>()?;
        Ok(Answer {
            output_salts: outputs.iter().map(|opening| opening.salt.clone()).collect(),
            outputs: values,
            proof: proven.proof,
        })
    }
}

/// Why a request has no proof.
pub(super) enum Failure {
    /// It does not fit the manifest.
    Request(Error),
    /// The model has no result for it. The error may hold values of the run.
    Model(zkml::Error),
    /// The machine failed, or the work was cancelled: it may go better another time.
    Machine(zkml::Error),
}

/// The real numbers that integers represent.
fn real(schema: &InputSchema, integers: &[i64]) -> Result<FloatTensor, Error> {
    schema.check(integers)?;
    let values: Vec<f32> = integers
        .iter()
        .map(|q| dequantize(*q, schema.scale) as f32)
        .collect();
    // A model takes single floats. Integers that come from those represent some again, others may not.
    if schema.quantize(&values)? != integers {
        return Err(Error::Input {
            name: schema.name.clone(),
            expected: "integers of real numbers of single precision".to_owned(),
            found: "others".to_owned(),
        });
    }
    FloatTensor::from_shape_vec(IxDyn(&schema.shape), values).map_err(|error| Error::Input {
        name: schema.name.clone(),
        expected: format!("the shape {:?}", schema.shape),
        found: error.to_string(),
    })
}

impl Engine for ProvingEngine {
    fn manifest(&self) -> &SignedManifest {
        self.published.manifest()
    }

    fn answer(
        &self,
        binding: &Binding,
        request: &OpenRequest,
        progress: &Progress,
    ) -> Result<Outcome, Error> {
        match self.run(binding, request, progress) {
            Ok(answer) => Ok(Outcome::Answer(answer)),
            Err(Failure::Request(error)) => Ok(Outcome::Refusal(Refusal::Request(error.to_string()))),
            Err(Failure::Model(error)) => {
                // What every input in range is to have: a proof. The error itself may quote the run.
                if !error.is_out_of_range() {
                    tracing::error!(model = %self.manifest().digest(), "a bug: a run has no proof");
                }
                Ok(Outcome::Refusal(Refusal::Model))
            }
            Err(Failure::Machine(error)) => Err(error.into()),
        }
    }
}
