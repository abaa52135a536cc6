//! `zkml publish`.

use super::load_model;
use crate::config::{
    ProvingKeyArgs, SrsSource, beside, check_outputs, load_proving_key, manifest_beside, warn_of_srs,
};
use crate::output::{Session, Verdict, describe_manifest, manifest_json, next_step, warn_of_weights};
use anyhow::{Context, Result};
use clap::Args;
use std::path::{Path, PathBuf};
use zkml::Device;
use zkml::commitments::ModelSecret;
use zkml_network::{Engine, ProverFiles, ProviderKeys, ProvingEngine};

/// Make and sign a model's manifest: what users pin, and what every proof is bound to.
///
/// The model must be compiled for it: with inputs that are hashed or public, and with room for what
/// a proof is bound to (`zkml compile --context request`). A manifest of committed parameters commits to them.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml publish lenet5.zkml --keys provider.keys\n  zkml publish lenet5.zkml --keys provider.keys --name lenet5 -o lenet5.manifest.json"
)]
pub struct PublishArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The provider's keys (`zkml keys new`)
    #[arg(long, value_name = "FILE")]
    pub keys: PathBuf,
    /// Name, for people [default: the file's name]
    #[arg(long)]
    pub name: Option<String>,
    /// The key to prove with.
    #[command(flatten)]
    pub key: ProvingKeyArgs,
    /// The secret that hides committed parameters; made if it is not there [default: the model's
    /// path with the extension .secret]
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Publish hidden weights in a model that refuses some inputs: each refusal tells about the weights. A model
    /// that is compiled with --saturate need not refuse
    #[arg(long)]
    pub allow_refusals: bool,
    /// Where to write [default: the model's path with the extension .manifest.json]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

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
        // A manifest needs no proof.
        device: Device::Cpu,
    };
    let prover = ProvingEngine::publish(&name, files, args.allow_refusals, &keys, session.progress())?;
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
