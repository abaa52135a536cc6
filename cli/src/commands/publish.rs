//! `zkml publish`.

use super::{load_model, load_proving_key};
use crate::args::PublishArgs;
use crate::config::{SrsSource, beside, manifest_beside};
use crate::output::{Session, Verdict, describe_manifest, manifest_json, next_step};
use anyhow::{Context, Result};
use std::path::Path;
use zkml::ModelSecret;
use zkml_network::{Engine, Prover, ProviderKeys};

/// Publishes a model.
pub fn run(args: PublishArgs, session: &Session) -> Result<Verdict> {
    let keys = ProviderKeys::load(&args.keys)
        .with_context(|| format!("cannot use {} as a provider's keys", args.keys.display()))?;
    let model = load_model(&args.model, session)?;
    let path = args.key.pk.unwrap_or_else(|| beside(&args.model, "pk"));
    let key = load_proving_key(&path, session)?;
    let srs = SrsSource::from(args.key.srs).for_key(&key, session.progress())?;
    if key.verifying_key().is_development() {
        session.warn("this key comes from a development SRS: whoever made that can prove false answers");
    }
    let secret = match key.verifying_key().commits_params() {
        true => Some(secret(
            &args.secret.unwrap_or_else(|| beside(&args.model, "secret")),
            session,
        )?),
        false => {
            session.warn(
                "the weights are not committed: an answer says that some weights give it, unless they are public or fixed",
            );
            None
        }
    };
    let stem = args.model.file_stem().map(|s| s.to_string_lossy().into_owned());
    let name = args
        .name
        .or(stem)
        .context("the model's file has no name; give one with --name")?;
    let prover = Prover::publish(&name, model, key, srs, secret, &keys, session.progress())?;
    let output = args.output.unwrap_or_else(|| manifest_beside(&args.model));
    prover.manifest().save(&output)?;
    let manifest = prover.manifest();
    session.result(&manifest_json(manifest)?, || describe_manifest(manifest))?;
    session.note(&format!("wrote {}", output.display()));
    session.note(&next_step(&["serve", "--keys"], &[&args.keys, &output]));
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
