//! The prover behind a service.

use super::publish::{Publication, publish};
use crate::{
    Answer, Binding, Engine, Error, InputSchema, OpenRequest, Outcome, ProviderKeys, PublishedModel, Salt,
    SignedManifest,
};
use ndarray::IxDyn;
use zkml::{
    Circuit, CompiledModel, FloatTensor, ModelSecret, Opening, Progress, ProveOptions, Proven, ProvingKey,
    Role, Srs,
};
use zkml_core::fixed_point::dequantize;

/// A model with everything that proving it takes.
pub struct Prover {
    published: PublishedModel,
    circuit: Circuit,
    model: CompiledModel,
    key: ProvingKey,
    srs: Srs,
    secret: Option<ModelSecret>,
}

impl Prover {
    /// Puts a published model and its prover's files together.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for files that do not belong together, among them weights or a secret that the manifest does not
    /// commit to; [`Error::Unsuitable`] for committed parameters without their secret.
    pub fn new(
        manifest: SignedManifest,
        model: CompiledModel,
        key: ProvingKey,
        srs: Srs,
        secret: Option<ModelSecret>,
    ) -> Result<Self, Error> {
        let published = PublishedModel::new(manifest, key.verifying_key().clone())?;
        let mismatch = |what, expected: String, found: String| match expected == found {
            true => Ok(()),
            false => Err(Error::Mismatch {
                what,
                expected,
                found,
            }),
        };
        mismatch(
            "compiled model",
            key.model_digest().to_string(),
            model.digest().to_string(),
        )?;
        let circuit = model.circuit(key.verifying_key().transcript())?;
        mismatch(
            "circuit",
            published.manifest().body().circuit_digest.to_string(),
            circuit.digest().to_string(),
        )?;
        mismatch("SRS", key.srs_id().to_string(), srs.id().to_string())?;
        if let Some(pinned) = published.pinned() {
            let secret = secret.as_ref().ok_or_else(|| Error::Unsuitable {
                what: "committed parameters".to_owned(),
                reason: "the secret of the commitment is missing; `zkml publish` wrote it".to_owned(),
            })?;
            // With another one no proof would come about, and every request would fail.
            let own = key.commit_model(&model, &srs, secret, &Progress::none())?;
            mismatch(
                "commitment to the model's weights and their secret",
                pinned.commitment().digest().to_string(),
                own.digest().to_string(),
            )?;
        }
        Ok(Self {
            published,
            circuit,
            model,
            key,
            srs,
            secret,
        })
    }

    /// Publishes a model with its prover's files: makes the commitment to its weights, if they are
    /// committed, and signs its manifest.
    ///
    /// # Errors
    /// Those of [`publish`] and of [`Prover::new`].
    pub fn publish(
        name: &str,
        model: CompiledModel,
        key: ProvingKey,
        srs: Srs,
        secret: Option<ModelSecret>,
        keys: &ProviderKeys,
        progress: &Progress,
    ) -> Result<Self, Error> {
        let commitment = match &secret {
            Some(secret) => Some(key.commit_model(&model, &srs, secret, progress)?),
            None => None,
        };
        let publication = Publication {
            name,
            model: &model,
            key: key.verifying_key(),
            commitment: commitment.as_ref(),
        };
        let manifest = publish(&publication, keys)?;
        Self::new(manifest, model, key, srs, secret)
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
        &self.srs
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

    fn prove(
        &self,
        binding: &Binding,
        salts: &[Salt],
        inputs: &[FloatTensor],
        progress: &Progress,
    ) -> Result<Proven, zkml::Error> {
        let mut options = ProveOptions::default().context(binding.to_elements().to_vec());
        for (schema, salt) in self.model.inputs().iter().zip(salts) {
            options = options.salt(Role::Input, &schema.name, salt.clone());
        }
        let pinned = self.published.pinned();
        if let (Some(pinned), Some(secret)) = (pinned, &self.secret) {
            options = options.model(pinned, secret);
        }
        self.key
            .prove_with(&self.model, &self.srs, inputs, &options, progress)
    }
}

/// The real numbers that integers stand for.
fn real(schema: &InputSchema, integers: &[i64]) -> Result<FloatTensor, Error> {
    schema.check(integers)?;
    let values: Vec<f32> = integers
        .iter()
        .map(|q| dequantize(*q, schema.scale) as f32)
        .collect();
    // A model takes single floats. Integers that come from those stand for some again, others may not.
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

impl Engine for Prover {
    fn manifest(&self) -> &SignedManifest {
        self.published.manifest()
    }

    fn answer(
        &self,
        binding: &Binding,
        request: &OpenRequest,
        progress: &Progress,
    ) -> Result<Outcome, Error> {
        let inputs = match self.real_inputs(request) {
            Ok(inputs) => inputs,
            Err(error) => return Ok(Outcome::Refusal(error.to_string())),
        };
        let proven = match self.prove(binding, &request.salts, &inputs, progress) {
            Ok(proven) => proven,
            // What the model says of an input; another attempt would hear the same.
            Err(error @ (zkml::Error::Model(_) | zkml::Error::Input { .. })) => {
                return Ok(Outcome::Refusal(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let outputs: Vec<&Opening> = proven
            .openings
            .iter()
            .filter(|opening| opening.tensor.role == Role::Output)
            .collect();
        let values = outputs
            .iter()
            .map(|opening| Ok(self.model.hashed_values(&opening.tensor, &inputs)?.concat()))
            .collect::<Result<_, Error>>()?;
        Ok(Outcome::Answer(Answer {
            output_salts: outputs.iter().map(|opening| opening.salt.clone()).collect(),
            outputs: values,
            proof: proven.proof,
        }))
    }
}
