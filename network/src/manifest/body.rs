//! The content of a manifest.

use super::{InputSchema, ModelVisibility, OutputSchema, TensorVisibility, WeightVisibility, malformed};
use crate::{Error, ProviderKey, SealingKey};
use serde::{Deserialize, Serialize};
use zkml::Digest;
use zkml::advanced::is_plain;
use zkml::commitments::ModelCommitment;

/// Longest name of a model, in bytes.
const NAME: usize = 128;

/// One published model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name, for people.
    pub name: String,
    /// The signer.
    pub provider: ProviderKey,
    /// The key that requests are sealed to.
    pub sealing_key: SealingKey,
    /// Digest of the architecture, as the key states it.
    pub model_digest: Digest,
    /// Digest of the verifying key.
    pub key_digest: Digest,
    /// Digest of the circuit file, from which anyone makes the key again.
    pub circuit_digest: Digest,
    /// Identity of the SRS that the key was made with.
    pub srs: String,
    /// The statistical error of proofs is at most `2^-error_bits`: a function of the verifying key, which is compared.
    pub error_bits: u32,
    /// Who may see which tensors.
    pub visibility: ModelVisibility,
    /// Whether the model refuses some inputs of its range. Each answer to such a model's user tells whether a hidden
    /// value stays in its range, and so does each refusal.
    pub may_refuse: bool,
    /// The commitment to the weights: the file that [`ModelCommitment::to_bytes`] makes, in hex. Only of
    /// a model with committed parameters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model_commitment: Option<String>,
    /// The inputs, in the model's order.
    pub inputs: Vec<InputSchema>,
    /// The outputs, in the model's order.
    pub outputs: Vec<OutputSchema>,
    /// How far the integer model is from the float model; none if it was not measured.
    pub accuracy: Option<Accuracy>,
}

/// The quantisation report in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {
    /// The largest error that was asked for, relative to the range of the output.
    pub target: f64,
    /// Largest distance of an output from the float model on the calibration data, relative to
    /// that output's range.
    pub worst_error: f64,
    /// Mean distance.
    pub mean_error: f64,
    /// Number of calibration inputs.
    pub inputs: usize,
    /// The part of the calibration inputs whose largest output is where it is in the float model.
    pub argmax_agreement: Option<f64>,
}

impl Manifest {
    /// Checks what neither a signature nor a digest shows: that the protocol can work with it.
    ///
    /// # Errors
    /// [`Error::Malformed`] for absurd schemas, [`Error::Unsuitable`] for private inputs: no one
    /// could tell which input an answer is about.
    pub fn validate(&self) -> Result<(), Error> {
        let name = &self.name;
        if name.is_empty() || name.len() > NAME || name.trim() != name || !is_plain(name) {
            return Err(malformed(format!(
                "expected a name of 1 to {NAME} bytes without invisible characters and outer spaces, found {name:?}"
            )));
        }
        if !is_plain(&self.srs) {
            return Err(malformed(format!(
                "expected the identity of an SRS, found {:?}",
                self.srs
            )));
        }
        if self.inputs.is_empty() || self.outputs.is_empty() {
            return Err(malformed("expected inputs and outputs, found none"));
        }
        self.inputs.iter().try_for_each(InputSchema::validate)?;
        self.outputs.iter().try_for_each(OutputSchema::validate)?;
        let numbers = self.accuracy.iter().flat_map(|a| {
            [
                a.target,
                a.worst_error,
                a.mean_error,
                a.argmax_agreement.unwrap_or(0.0),
            ]
        });
        // JSON has no other numbers, so that such a manifest would not come back.
        if numbers.into_iter().any(|x| !x.is_finite()) {
            return Err(malformed("expected finite figures of accuracy, found others"));
        }
        if self.visibility.inputs == TensorVisibility::Private {
            return Err(Error::Unsuitable {
                what: "private inputs".to_owned(),
                reason: "nobody could tell which input an answer is about; compile with `--input hashed`"
                    .to_owned(),
            });
        }
        if self.visibility.outputs == TensorVisibility::Private {
            return Err(Error::Unsuitable {
                what: "private outputs".to_owned(),
                reason: "nobody could tell which output was proven; compile with `--output hashed`"
                    .to_owned(),
            });
        }
        let commitment = self.commitment()?;
        let committed = self.visibility.params == WeightVisibility::Committed;
        if committed != commitment.is_some() {
            return Err(malformed(
                "expected a model commitment if parameters are committed, and none otherwise",
            ));
        }
        let own = |c: &ModelCommitment| {
            *c.key_digest() == self.key_digest && *c.model_digest() == self.model_digest
        };
        if !commitment.as_ref().is_none_or(own) {
            return Err(malformed(
                "expected a model commitment for the key and the model that are stated, found one for others",
            ));
        }
        Ok(())
    }

    /// The commitment to the weights, if they are committed.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::Zkml`] for what is none.
    pub fn commitment(&self) -> Result<Option<ModelCommitment>, Error> {
        let Some(text) = &self.model_commitment else {
            return Ok(None);
        };
        let bytes = hex::decode(text)
            .map_err(|error| malformed(format!("expected the model commitment in hex, found {error}")))?;
        Ok(Some(ModelCommitment::from_bytes(&bytes)?))
    }
}
