//! `zkml commit`.

use super::load_model;
use crate::config::{CommitmentPaths, ProvingKeyArgs, SrsSource, beside, check_outputs, load_proving_key};
use crate::output::{Session, Verdict, next_step, table};
use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::Digest;
use zkml::commitments::ModelSecret;

/// Commit to the parameters of a model, so that proofs are about these and no others.
///
/// For models compiled with --params committed. Publish the commitment; keep the secret, which every proof
/// needs: whoever has it can try out parameters.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml commit model.zkml")]
pub struct CommitArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The key to prove with.
    #[command(flatten)]
    pub key: ProvingKeyArgs,
    /// The secret; made if there is no such file [default: the model's path with the extension .secret]
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Where to write the commitment [default: the model's path with the extension .commitment]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Committed<'a> {
    commitment: &'a Path,
    secret: &'a Path,
    digest: Digest,
    model_digest: &'a Digest,
    key_digest: &'a Digest,
    columns: usize,
}

/// Makes a model commitment.
pub fn run(args: CommitArgs, session: &Session) -> Result<Verdict> {
    let paths = CommitmentPaths::new(&args.model, &args.output, &args.secret);
    let key_path = args.key.pk.unwrap_or_else(|| beside(&args.model, "pk"));
    let read = [Some(&*args.model), Some(&*key_path), args.key.srs.as_deref()];
    check_outputs([&*paths.commitment, &*paths.secret], read.into_iter().flatten())?;
    let model = load_model(&args.model, session)?;
    let key = load_proving_key(&key_path, session)?;
    let secret = match paths.secret.exists() {
        true => ModelSecret::load(&paths.secret)
            .with_context(|| format!("cannot use {} as a model secret", paths.secret.display()))?,
        false => ModelSecret::random(),
    };
    let srs = SrsSource::from(args.key.srs).for_key(key.verifying_key(), session.progress())?;
    let commitment = key.commit_model(&model, &srs, &secret, session.progress())?;
    // A commitment without its secret is of no use: the secret goes first.
    secret.save(&paths.secret)?;
    commitment.save(&paths.commitment)?;

    let result = Committed {
        commitment: &paths.commitment,
        secret: &paths.secret,
        digest: commitment.digest(),
        model_digest: commitment.model_digest(),
        key_digest: commitment.key_digest(),
        columns: commitment.columns(),
    };
    session.result(&result, || {
        table(&[
            ("commitment", paths.commitment.display().to_string()),
            ("digest", commitment.digest().to_string()),
            ("secret", format!("{}: keep it", paths.secret.display())),
            ("columns", commitment.columns().to_string()),
        ])
    })?;
    session.note(&next_step(
        &["prove"],
        &[&args.model, Path::new("--input"), Path::new("FILE")],
    ));
    Ok(Verdict::Good)
}
