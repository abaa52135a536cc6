//! The files of a published model, which lie side by side.

use super::SrsSource;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use zkml::{CompiledModel, ModelSecret, Progress, ProvingKey};
use zkml_network::{Prover, SignedManifest};

/// What a manifest's file name ends in.
const EXTENSION: &str = "manifest.json";

/// Where the manifest of a model lies, unless it is told.
pub fn manifest_beside(model: &Path) -> PathBuf {
    model.with_extension(EXTENSION)
}

/// A manifest and what lies beside it.
pub fn published_files(manifest: &Path) -> Vec<PathBuf> {
    let name = manifest
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let stem = name.strip_suffix(EXTENSION).into_iter();
    let others = stem
        .flat_map(|stem| ["zkml", "pk", "secret"].map(|end| manifest.with_file_name(format!("{stem}{end}"))));
    [manifest.to_owned()].into_iter().chain(others).collect()
}

/// Reads a manifest, and beside it the model, its proving key, and the secret of its commitment.
pub fn load_prover(manifest: &Path, srs: Option<&Path>, progress: &Progress) -> Result<Prover> {
    let name = manifest
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let stem = name.strip_suffix(EXTENSION).with_context(|| {
        format!(
            "{}: expected the name of a manifest as `zkml publish` writes it (NAME.{EXTENSION})",
            manifest.display()
        )
    })?;
    let beside = |extension: &str| manifest.with_file_name(format!("{stem}{extension}"));
    let signed = SignedManifest::load(manifest)
        .with_context(|| format!("cannot use {} as a manifest", manifest.display()))?;
    let load = |what: &str, path: &Path| {
        format!(
            "cannot use {} as the {what} of {}",
            path.display(),
            manifest.display()
        )
    };

    let path = beside("zkml");
    let model = progress
        .stage("reading the model", || CompiledModel::load(&path))
        .with_context(|| load("model", &path))?;
    let path = beside("pk");
    let key = progress
        .stage("reading the proving key", || ProvingKey::load(&path))
        .with_context(|| load("proving key", &path))?;
    let srs = SrsSource::from(srs.map(Path::to_owned)).for_key(&key, progress)?;
    let secret = match key.verifying_key().commits_params() {
        false => None,
        true => {
            let path = beside("secret");
            Some(ModelSecret::load(&path).with_context(|| load("secret", &path))?)
        }
    };
    Prover::new(signed, model, key, srs, secret)
        .with_context(|| format!("the files beside {} do not belong to it", manifest.display()))
}
