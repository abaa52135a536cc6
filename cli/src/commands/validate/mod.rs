//! `zkml validate`.

mod judge;
mod source;

use crate::args::ValidateArgs;
use crate::output::{Session, Verdict, warn_of_weights};
use anyhow::{Context, Result, bail};
use judge::Judge;
use source::Source;
use std::time::Duration;
use zkml::VerifyingKey;
use zkml_network::{Client, PublishedModel, SignedManifest};

/// How long a provider may take to send a manifest.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks proofs.
pub fn run(args: ValidateArgs, session: &Session) -> Result<Verdict> {
    let model = published(&args)?;
    warn_of_weights(model.manifest(), session);
    if model.manifest().body().development_srs {
        session.warn("the key comes from a development SRS: whoever made that can prove false answers");
    }
    let mut judge = Judge::new(&model, args.at);
    let mut source = Source::open(&args.proofs)?;
    while let Some(batch) = source.next(args.batch.into())? {
        session.progress().report("checking proofs", 0.0)?;
        for verdict in judge.judge(batch) {
            session.line(&verdict, || verdict.to_string())?;
        }
    }
    let (valid, invalid) = judge.counts();
    session.note(&format!("{valid} valid, {invalid} invalid"));
    match invalid {
        0 if valid == 0 => bail!("expected proofs, found none"),
        0 => Ok(Verdict::Good),
        _ => Ok(Verdict::InvalidProof),
    }
}

fn published(args: &ValidateArgs) -> Result<PublishedModel> {
    let pinned = |manifest: SignedManifest| match &args.model {
        Some(digest) => manifest.expect(digest),
        None => Ok(manifest),
    };
    if let (Some(url), Some(digest)) = (&args.url, &args.model) {
        let client = Client::new(url, PATIENCE);
        return Ok(client.published(client.manifest(digest)?)?);
    }
    let (Some(manifest), Some(key)) = (&args.manifest, &args.vk) else {
        bail!("expected a manifest and its verifying key (--manifest, --vk), or a provider (--url, --model)");
    };
    let signed = pinned(
        SignedManifest::load(manifest)
            .with_context(|| format!("cannot use {} as a manifest", manifest.display()))?,
    )?;
    let key = VerifyingKey::load(key)
        .with_context(|| format!("cannot use {} as a verifying key", key.display()))?;
    Ok(PublishedModel::new(signed, key)?)
}
