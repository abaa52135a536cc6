//! Files that zkml writes.

use super::Description;
use crate::config::standing;
use crate::output::{bytes, describe_layout, describe_manifest, manifest_json, shape, table};
use anyhow::Result;
use serde_json::json;
use std::collections::BTreeMap;
use zkml::advanced::{ArtifactKind, CircuitOptions};
use zkml::commitments::ModelCommitment;
use zkml::{
    Circuit, CompiledModel, ParamVisibility, Proof, ProvingKey, Srs, TensorInfo, VerifyingKey, Visibility,
};
use zkml_network::SignedManifest;

/// The largest JSON proof that is read.
pub const PROOF_LIMIT: u64 = 256 << 20;

pub fn compiled(model: &CompiledModel) -> Result<Description> {
    let kind = ArtifactKind::CompiledModel;
    let (options, layout) = (model.options(), model.layout());
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "model_digest": model.digest(),
        "inputs": model.inputs(),
        "outputs": model.outputs(),
        "options": options,
        "circuit": layout,
        "report": model.report(),
    });
    let mut text = head(kind, &[("model", model.digest().to_string())]);
    text.push_str(&tensors(model.inputs(), model.outputs(), options));
    text.push_str(&format!("\nCircuit\n{}", describe_layout(&layout)));
    if let Some(report) = model.report() {
        text.push_str(&format!("\nQuantisation\n{report}"));
    }
    Ok(Description { json, text })
}

pub fn circuit(circuit: &Circuit) -> Result<Description> {
    let kind = ArtifactKind::Circuit;
    let (graph, options) = (circuit.graph(), circuit.options());
    let (inputs, outputs) = (circuit.inputs(), circuit.outputs());
    let mut operators: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &graph.nodes {
        *operators.entry(node.op.name()).or_default() += 1;
    }
    let parameters: usize = graph.params.iter().map(|spec| spec.len()).sum();
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "circuit_digest": circuit.digest(),
        "model_digest": circuit.model_digest(),
        "transcript": circuit.transcript(),
        "inputs": inputs,
        "outputs": outputs,
        "options": options,
        "operators": operators,
        "parameters": parameters,
        "values": circuit.params().is_some(),
    });
    let mut text = head(
        kind,
        &[
            ("circuit", circuit.digest().to_string()),
            ("model", circuit.model_digest().to_string()),
            ("transcript", circuit.transcript().to_string()),
        ],
    );
    text.push_str(&tensors(&inputs, &outputs, options));
    let values = match circuit.params() {
        Some(_) => "with their values",
        None => "without their values",
    };
    text.push_str(&format!("  {parameters} parameters, {values}\n\nIntegers\n"));
    for (name, count) in operators {
        text.push_str(&format!("  {name:10}  {count:>4}\n"));
    }
    text.push_str("\nWhether a key is this circuit's: zkml key check --circuit FILE --vk KEY.vk\n");
    Ok(Description { json, text })
}

/// Inputs, outputs and parameters, and who sees them.
fn tensors(inputs: &[TensorInfo], outputs: &[TensorInfo], options: &CircuitOptions) -> String {
    let seen = |visibility| match visibility {
        Visibility::Private => "private",
        Visibility::Public => "public",
        Visibility::Hashed => "hashed: a commitment is public",
    };
    let params = match options.params {
        ParamVisibility::Private => "private",
        ParamVisibility::Public => "public",
        ParamVisibility::Fixed => "fixed in the verifying key",
        ParamVisibility::Hashed => "hashed: a commitment is public",
        ParamVisibility::Committed => "committed: a published model commitment binds them",
    };
    let inputs = inputs
        .iter()
        .map(|info| tensor("input", info, seen(options.inputs)));
    let outputs = outputs
        .iter()
        .map(|info| tensor("output", info, seen(options.outputs)));
    let text: String = inputs.chain(outputs).collect();
    format!("{text}  parameters: {params}\n")
}

pub fn proving_key(key: &ProvingKey) -> Result<Description> {
    let inner = verifying_key(key.verifying_key())?;
    let kind = ArtifactKind::ProvingKey;
    let mut json = inner.json;
    json["kind"] = kind.to_string().into();
    json["version"] = kind.version().into();
    let (_, rest) = inner.text.split_once('\n').unwrap_or_default();
    Ok(Description {
        json,
        text: format!("{}{rest}", head(kind, &[])),
    })
}

pub fn verifying_key(key: &VerifyingKey) -> Result<Description> {
    let kind = ArtifactKind::VerifyingKey;
    let public: Vec<&TensorInfo> = key.public_tensors().collect();
    let layout = key.layout();
    let standing = standing(key.srs_id());
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "key_digest": key.digest(),
        "claimed_model": key.model_digest(),
        "srs": key.srs_id(),
        "srs_standing": standing,
        "ceremony": standing.ceremony(),
        "public_tensors": public,
        "circuit": layout,
    });
    let mut text = head(
        kind,
        &[
            ("key", key.digest().to_string()),
            ("claims to be of", format!("the model {}", key.model_digest())),
            ("SRS", format!("{} ({standing})", key.srs_id())),
        ],
    );
    public
        .iter()
        .for_each(|info| text.push_str(&tensor(role_name(info), info, "public")));
    text.push_str(&format!("\nCircuit\n{}", describe_layout(&layout)));
    Ok(Description { json, text })
}

pub fn proof(proof: &Proof) -> Result<Description> {
    let kind = ArtifactKind::Proof;
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "key_digest": proof.key_digest(),
        "claimed_model": proof.model_digest(),
        "transcript": proof.transcript(),
        "public_values": proof.public_values().len(),
        "proof_bytes": proof.bytes().len(),
    });
    let text = head(
        kind,
        &[
            ("key", proof.key_digest().to_string()),
            ("claims to be of", format!("the model {}", proof.model_digest())),
            ("transcript", format!("{:?}", proof.transcript())),
            ("public values", proof.public_values().len().to_string()),
            ("proof", bytes(proof.bytes().len() as u64)),
        ],
    );
    Ok(Description {
        json,
        text: format!("{text}\nWhat it says, and whether it is valid: zkml verify --vk KEY.vk PROOF\n"),
    })
}

pub fn commitment(commitment: &ModelCommitment) -> Result<Description> {
    let kind = ArtifactKind::ModelCommitment;
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "digest": commitment.digest(),
        "model_digest": commitment.model_digest(),
        "key_digest": commitment.key_digest(),
        "columns": commitment.columns(),
    });
    let text = head(
        kind,
        &[
            ("digest", commitment.digest().to_string()),
            ("model", commitment.model_digest().to_string()),
            ("key", commitment.key_digest().to_string()),
            ("columns", commitment.columns().to_string()),
        ],
    );
    Ok(Description { json, text })
}

/// Nothing of a secret is shown.
pub fn secret() -> Description {
    let kind = ArtifactKind::ModelSecret;
    Description {
        json: json!({ "kind": kind.to_string(), "version": kind.version() }),
        text: format!(
            "{}Keep it: it hides the parameters in a model commitment.\n",
            head(kind, &[])
        ),
    }
}

pub fn manifest(manifest: &SignedManifest) -> Result<Description> {
    Ok(Description {
        json: manifest_json(manifest)?,
        text: describe_manifest(manifest),
    })
}

pub fn srs(srs: &Srs) -> Result<Description> {
    let kind = ArtifactKind::Srs;
    let standing = standing(srs.id());
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "k": srs.k(),
        "id": srs.id(),
        "standing": standing,
        "ceremony": standing.ceremony(),
    });
    let text = head(
        kind,
        &[
            ("k", srs.k().to_string()),
            ("identity", srs.id().to_string()),
            ("standing", standing.to_string()),
        ],
    );
    Ok(Description { json, text })
}

/// The first lines: kind and format version, then a table.
fn head(kind: ArtifactKind, rows: &[(&str, String)]) -> String {
    format!("{kind}, format version {}\n{}", kind.version(), table(rows))
}

fn tensor(role: &str, info: &TensorInfo, visibility: &str) -> String {
    let labels = match info.labels.len() {
        0 => String::new(),
        count => format!(", {count} class labels"),
    };
    format!(
        "  {role} {}: {}, steps of 2^{}, {visibility}{labels}\n",
        info.name,
        shape(&info.shape),
        -info.scale
    )
}

fn role_name(info: &TensorInfo) -> &'static str {
    match info.role {
        zkml::Role::Input => "input",
        zkml::Role::Output => "output",
        zkml::Role::Param => "parameter",
    }
}
