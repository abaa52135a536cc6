//! Manifests in words.

use super::{Session, describe_error, shape, table};
use crate::config::standing;
use anyhow::Result;
use serde_json::Value;
use zkml::ceremony::SrsStanding;
use zkml_network::{InputSchema, Manifest, OutputSchema, SignedManifest, WeightVisibility};

/// A manifest with its digest, for machines.
pub fn manifest_json(manifest: &SignedManifest) -> Result<Value> {
    let mut json: Value = serde_json::from_slice(&manifest.to_json()?)?;
    json["digest"] = manifest.digest().to_string().into();
    Ok(json)
}

/// A manifest for people.
pub fn describe_manifest(manifest: &SignedManifest) -> String {
    let body = manifest.body();
    let srs = body.srs.parse().map_or(SrsStanding::Unknown, standing);
    let mut text = format!(
        "manifest of {}, signed by its provider\n{}",
        body.name,
        table(&[
            ("digest", manifest.digest().to_string()),
            ("provider", body.provider.to_string()),
            ("sealing key", body.sealing_key.to_string()),
            ("model", body.model_digest.to_string()),
            ("key", body.key_digest.to_string()),
            ("circuit", body.circuit_digest.to_string()),
            ("SRS", format!("{} ({srs})", body.srs)),
            ("weights", body.visibility.params.to_string()),
            ("refusals", refusals(body)),
            ("soundness", describe_error(body.error_bits)),
        ])
    );
    for input in &body.inputs {
        text.push_str(&describe_input(input, &body.visibility.inputs.to_string()));
    }
    for output in &body.outputs {
        text.push_str(&describe_output(output, &body.visibility.outputs.to_string()));
    }
    if let Some(accuracy) = &body.accuracy {
        text.push_str(&format!(
            "\nOn {} calibration inputs the outputs are at most {:.2e} of their range from the float model's \
             ({:.2e} in the mean; {:.2e} was asked for).\n",
            accuracy.inputs, accuracy.worst_error, accuracy.mean_error, accuracy.target
        ));
        if let Some(agreement) = accuracy.argmax_agreement {
            text.push_str(&format!(
                "The largest output is the same in {:.2} %.\n",
                100.0 * agreement
            ));
        }
    }
    text
}

/// Whether there are inputs that a model does not take.
fn refusals(body: &Manifest) -> String {
    match body.may_refuse {
        false => "none: every input is answered".to_owned(),
        true if body.visibility.params.is_hidden() => {
            "the model may refuse an input, which tells about its weights".to_owned()
        }
        true => "the model may refuse an input".to_owned(),
    }
}

/// Says so where a proof is about some weights, whichever they are, and where some inputs get none.
pub fn warn_of_weights(manifest: &SignedManifest, session: &Session) {
    let weights = manifest.body().visibility.params;
    if manifest.body().may_refuse {
        session.warn("the model may refuse an input: then there is no proof");
    }
    if matches!(weights, WeightVisibility::Private | WeightVisibility::Hashed) {
        session.warn(&format!(
            "the weights are {weights}: each answer may come from other weights. Only committed, fixed and public \
             ones are always the same"
        ));
    }
}

fn describe_input(input: &InputSchema, visibility: &str) -> String {
    let (lo, hi) = input.real_range();
    let beyond = if input.saturate { "clamped" } else { "refused" };
    format!(
        "  input {} ({}), {visibility}: {lo} to {hi} in steps of 2^{}; others are {beyond}\n",
        input.name,
        shape(&input.shape),
        -input.scale
    )
}

fn describe_output(output: &OutputSchema, visibility: &str) -> String {
    let labels = match output.labels.len() {
        0 => String::new(),
        count => format!(", {count} class labels"),
    };
    format!(
        "  output {} ({}), {visibility}: steps of 2^{}{labels}\n",
        output.name,
        shape(&output.shape),
        -output.scale
    )
}
