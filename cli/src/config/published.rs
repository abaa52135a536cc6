//! The files of a published model, which lie side by side.

use super::SrsSource;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use zkml::commitments::ModelSecret;
use zkml::{CompiledModel, Device, Progress, ProvingKey};
use zkml_network::{ProverFiles, ProvingEngine, SignedManifest};

/// What a manifest's file name ends in.
const EXTENSION: &str = "manifest.json";

/// The model's path with another extension.
pub fn beside(model: &Path, extension: &str) -> PathBuf {
    model.with_extension(extension)
}

/// Where the manifest of a model lies, unless it is told.
pub fn manifest_beside(model: &Path) -> PathBuf {
    model.with_extension(EXTENSION)
}

/// Where the circuit of a published model lies, unless it is told: beside its manifest.
pub fn circuit_beside(manifest: &Path) -> PathBuf {
    let name = manifest
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    match name.strip_suffix(EXTENSION) {
        Some(stem) => manifest.with_file_name(format!("{stem}circuit")),
        None => manifest.with_extension("circuit"),
    }
}

/// The files of a published model.
pub struct PublishedPaths {
    /// The manifest.
    pub manifest: PathBuf,
    /// The compiled model.
    pub model: PathBuf,
    /// Its proving key.
    pub key: PathBuf,
    /// The secret of its commitment, if it has one.
    pub secret: PathBuf,
}

impl PublishedPaths {
    /// What lies beside a manifest.
    pub fn of(manifest: &Path) -> Result<Self> {
        let name = manifest.file_name().and_then(|name| name.to_str());
        let stem = name
            .unwrap_or_default()
            .strip_suffix(EXTENSION)
            .with_context(|| {
                format!(
                    "{}: expected the name of a manifest as `zkml publish` writes it (NAME.{EXTENSION})",
                    manifest.display()
                )
            })?;
        let beside = |extension: &str| manifest.with_file_name(format!("{stem}{extension}"));
        Ok(Self {
            manifest: manifest.to_owned(),
            model: beside("zkml"),
            key: beside("pk"),
            secret: beside("secret"),
        })
    }

    /// All of them.
    pub fn all(&self) -> [&Path; 4] {
        [&self.manifest, &self.model, &self.key, &self.secret]
    }
}

/// Reads a manifest, the model, its proving key, and the secret of its commitment.
pub fn load_prover(
    paths: &PublishedPaths,
    srs: Option<&Path>,
    device: Device,
    progress: &Progress,
) -> Result<ProvingEngine> {
    let PublishedPaths {
        manifest,
        model: model_path,
        key: key_path,
        secret: secret_path,
    } = paths;
    let signed = SignedManifest::load(manifest)
        .with_context(|| format!("cannot use {} as a manifest", manifest.display()))?;
    let load = |what: &str, path: &Path| {
        format!(
            "cannot use {} as the {what} of {}",
            path.display(),
            manifest.display()
        )
    };

    let model = progress
        .stage("reading the model", || CompiledModel::load(model_path))
        .with_context(|| load("model", model_path))?;
    let key = progress
        .stage("reading the proving key", || ProvingKey::load(key_path))
        .with_context(|| load("proving key", key_path))?;
    let srs = SrsSource::from(srs.map(Path::to_owned)).for_key(key.verifying_key(), progress)?;
    let secret = match key.verifying_key().commits_params() {
        false => None,
        true => Some(ModelSecret::load(secret_path).with_context(|| load("secret", secret_path))?),
    };
    let files = ProverFiles {
        model,
        key,
        srs,
        secret,
        device,
    };
    ProvingEngine::new(signed, files)
        .with_context(|| format!("the files beside {} do not belong to it", manifest.display()))
}
