//! `zkml publish`.

use super::{load_model, load_proving_key};
use crate::args::PublishArgs;
use crate::config::{SrsSource, beside, check_outputs, manifest_beside, warn_of_srs};
use crate::output::{Session, Verdict, describe_manifest, manifest_json, next_step, warn_of_weights};
use anyhow::{Context, Result};
use std::path::Path;
use zkml::ModelSecret;
use zkml_network::{Engine, Prover, ProverFiles, ProviderKeys};

/// Publishes a model.
pub fn run(args: PublishArgs, session: &Session) -> Result<Verdict> {
    let path = args.key.pk.unwrap_or_else(|| beside(&args.model, "pk"));
    let secret_path = args.secret.unwrap_or_else(|| beside(&args.model, "secret"));
    let output = args.output.unwrap_or_else(|| manifest_beside(&args.model));
    let read = [&args.model, &args.keys, &path, &secret_path];
    let read = read.into_iter().chain(&args.key.srs);
    check_outputs([&*output], read.map(|path| &**path))?;
    let keys = ProviderKeys::load(&args.keys)
        .with_context(|| format!("cannot use {} as a provider's keys", args.keys.display()))?;
    let model = load_model(&args.model, session)?;
    let key = load_proving_key(&path, session)?;
    let srs = SrsSource::from(args.key.srs).for_key(key.verifying_key(), session.progress())?;
    warn_of_srs(key.srs_id(), session);
    let secret = match key.verifying_key().commits_params() {
        true => Some(secret(&secret_path, session)?),
        false => None,
    };
    let stem = args.model.file_stem().map(|s| s.to_string_lossy().into_owned());
    let name = args
        .name
        .or(stem)
        .context("the model's file has no name; give one with --name")?;
    let files = ProverFiles {
        model,
        key,
        srs,
        secret,
    };
    let prover = Prover::publish(&name, files, args.allow_refusals, &keys, session.progress())?;
    prover.manifest().save(&output)?;
    let manifest = prover.manifest();
    warn_of_weights(manifest, session);
    session.result(&manifest_json(manifest)?, || describe_manifest(manifest))?;
    session.note(&format!("wrote {}", output.display()));
    if output == manifest_beside(&args.model) {
        session.note(&next_step(&["serve", "--keys"], &[&args.keys, &output]));
    } else {
        session.note(&format!(
            "to serve it, put it beside the model, as {}",
            manifest_beside(&args.model).display()
        ));
    }
    Ok(Verdict::Good)
}

/// The secret of a commitment: the file's, or a fresh one in a new file.
fn secret(path: &Path, session: &Session) -> Result<ModelSecret> {
    if path.exists() {
        return ModelSecret::load(path).with_context(|| {
            format!(
                "cannot use {} as the secret of a model commitment",
                path.display()
            )
        });
    }
    let secret = ModelSecret::random();
    secret.save(path)?;
    session.note(&format!("wrote {}: keep it secret, and keep it", path.display()));
    Ok(secret)
}
