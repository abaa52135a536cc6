//! Files that zkml writes.

use super::Description;
use crate::output::{bytes, describe_layout, describe_manifest, manifest_json, shape, table};
use anyhow::Result;
use serde_json::json;
use zkml::{
    ArtifactKind, CompiledModel, ModelCommitment, ParamVisibility, Proof, ProvingKey, Srs, TensorInfo,
    VerifyingKey, Visibility,
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
    let mut text = head(kind, &[("model", model.digest().to_string())]);
    for (role, tensors, visibility) in [
        ("input", model.inputs(), options.inputs),
        ("output", model.outputs(), options.outputs),
    ] {
        tensors
            .iter()
            .for_each(|info| text.push_str(&tensor(role, info, seen(visibility))));
    }
    text.push_str(&format!(
        "  parameters: {params}\n\nCircuit\n{}",
        describe_layout(&layout)
    ));
    if let Some(report) = model.report() {
        text.push_str(&format!("\nQuantisation\n{report}"));
    }
    Ok(Description { json, text })
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
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "model_digest": key.model_digest(),
        "key_digest": key.digest(),
        "srs": key.srs_id().to_string(),
        "development_srs": key.is_development(),
        "public_tensors": public,
        "circuit": layout,
    });
    let safety = if key.is_development() {
        "development: UNSAFE for real use"
    } else {
        "imported"
    };
    let mut text = head(
        kind,
        &[
            ("model", key.model_digest().to_string()),
            ("key", key.digest().to_string()),
            ("SRS", format!("{} ({safety})", key.srs_id())),
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
        "model_digest": proof.model_digest(),
        "key_digest": proof.key_digest(),
        "transcript": proof.transcript(),
        "public_values": proof.public_values().len(),
        "proof_bytes": proof.bytes().len(),
    });
    let text = head(
        kind,
        &[
            ("model", proof.model_digest().to_string()),
            ("key", proof.key_digest().to_string()),
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
    let json = json!({
        "kind": kind.to_string(),
        "version": kind.version(),
        "k": srs.k(),
        "id": srs.id().to_string(),
        "origin": srs.origin().to_string(),
        "development": srs.is_development(),
    });
    let text = head(
        kind,
        &[
            ("k", srs.k().to_string()),
            ("identity", srs.id().to_string()),
            ("origin", srs.origin().to_string()),
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
