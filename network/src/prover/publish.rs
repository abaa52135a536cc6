//! Making a manifest of a compiled model and its keys.

use crate::{
    Accuracy, Binding, Error, InputSchema, Manifest, ModelVisibility, OutputSchema, ProviderKeys,
    SignedManifest, TensorVisibility, WeightVisibility,
};
use zkml::advanced::graph::{Op, Port};
use zkml::commitments::{HashedTensor, ModelCommitment, TensorForm};
use zkml::{CompiledModel, ParamVisibility, Role, TensorInfo, VerifyingKey, Visibility};

/// What is published.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// Name, for people.
    pub name: &'a str,
    /// The model.
    pub model: &'a CompiledModel,
    /// Its verifying key.
    pub key: &'a VerifyingKey,
    /// The commitment to its weights; exactly if they are committed.
    pub commitment: Option<&'a ModelCommitment>,
    /// Publish hidden weights in a model that refuses some inputs, too: each refusal tells about the weights.
    pub allow_refusals: bool,
}

/// Makes and signs the manifest of a model.
///
/// # Errors
/// [`Error::Mismatch`] for a key or a commitment of another model; [`Error::Unsuitable`] for a model
/// that was not compiled for the protocol: with private inputs or outputs, or without room for what
/// a proof is bound to; [`Error::MayRefuse`] for hidden weights in a model that refuses some inputs, unless the
/// publication allows that.
pub fn publish(publication: &Publication<'_>, keys: &ProviderKeys) -> Result<SignedManifest, Error> {
    let Publication {
        name,
        model,
        key,
        commitment,
        allow_refusals,
    } = *publication;
    Error::check_match("verifying key", model.digest(), key.model_digest())?;
    if model.context_len() != Binding::VALUES {
        return Err(Error::Unsuitable {
            what: format!("room for {} values that a proof is bound to", model.context_len()),
            reason: format!(
                "a request takes {}; compile with `--context request`",
                Binding::VALUES
            ),
        });
    }
    let options = model.options();
    let (weights, may_refuse) = (weight_visibility(options.params), model.can_refuse());
    if may_refuse && weights.is_hidden() && !allow_refusals {
        return Err(Error::MayRefuse { weights });
    }
    let body = Manifest {
        name: name.to_owned(),
        // Signing fills these in.
        provider: keys.provider(),
        sealing_key: keys.sealing_key(),
        model_digest: *model.digest(),
        key_digest: *key.digest(),
        circuit_digest: *model.circuit(key.transcript())?.digest(),
        srs: key.srs_id().to_string(),
        error_bits: key.layout().error_bits,
        visibility: ModelVisibility {
            inputs: tensor_visibility(options.inputs),
            outputs: tensor_visibility(options.outputs),
            params: weights,
        },
        may_refuse,
        model_commitment: commitment.map(|c| hex::encode(c.to_bytes())),
        inputs: inputs(model)?,
        outputs: outputs(model),
        accuracy: model.report().map(|report| Accuracy {
            target: report.accuracy_target,
            worst_error: report.worst_error,
            mean_error: report.mean_error,
            inputs: report.calibration_inputs,
            argmax_agreement: report.argmax_agreement,
        }),
    };
    SignedManifest::sign(body, keys)
}

fn tensor_visibility(visibility: Visibility) -> TensorVisibility {
    match visibility {
        Visibility::Private => TensorVisibility::Private,
        Visibility::Public => TensorVisibility::Public,
        Visibility::Hashed => TensorVisibility::Hashed,
    }
}

fn weight_visibility(visibility: ParamVisibility) -> WeightVisibility {
    match visibility {
        ParamVisibility::Private => WeightVisibility::Private,
        ParamVisibility::Public => WeightVisibility::Public,
        ParamVisibility::Fixed => WeightVisibility::Fixed,
        ParamVisibility::Hashed => WeightVisibility::Hashed,
        ParamVisibility::Committed => WeightVisibility::Committed,
    }
}

fn inputs(model: &CompiledModel) -> Result<Vec<InputSchema>, Error> {
    let graph = model.graph();
    let schema = |(info, port): (&TensorInfo, &Port)| {
        let Op::Input(input) = &graph.node(port.node).op else {
            return Err(Error::Unsuitable {
                what: format!("the input {}", info.name),
                reason: "it is no input of the integer graph".to_owned(),
            });
        };
        Ok(InputSchema {
            name: info.name.clone(),
            shape: info.shape.clone(),
            scale: info.scale,
            bits: u32::from(input.limbs) * graph.lane_bits,
            saturate: model.saturates(),
        })
    };
    model.inputs().iter().zip(&graph.inputs).map(schema).collect()
}

fn outputs(model: &CompiledModel) -> Vec<OutputSchema> {
    let hashed = model.hashed_tensors();
    let form = |name: &str| -> Option<&TensorForm> {
        let is = |t: &&HashedTensor| t.role == Role::Output && t.name == name;
        hashed.iter().find(is).and_then(|t| t.forms.first())
    };
    let schema = |info: &TensorInfo| OutputSchema {
        name: info.name.clone(),
        shape: info.shape.clone(),
        scale: info.scale,
        // Only commitments need to know.
        bits: form(&info.name).map_or(0, |form| form.bits),
        labels: info.labels.clone(),
    };
    model.outputs().iter().map(schema).collect()
}
