//! Which model is asked, and whether it is the one that was asked before.

use super::pins::Pins;
use crate::output::{Session, warn_of_weights};
use anyhow::{Result, bail};
use std::path::PathBuf;
use zkml::Digest;
use zkml_network::{Client, ModelEntry, PublishedModel, SignedManifest};

/// Fetches a manifest by its digest, or by its name and the pin of that name.
pub fn fetch(
    client: &Client,
    url: &str,
    model: Option<&str>,
    pins: Option<PathBuf>,
    session: &Session,
) -> Result<PublishedModel> {
    let manifest = match model.map(str::parse::<Digest>) {
        Some(Ok(digest)) => client.manifest(&digest)?,
        _ => named(client, url, model, pins, session)?,
    };
    warn_of_weights(&manifest, session);
    Ok(client.published(manifest)?)
}

fn named(
    client: &Client,
    url: &str,
    name: Option<&str>,
    pins: Option<PathBuf>,
    session: &Session,
) -> Result<SignedManifest> {
    let offered = client.models()?.models;
    let fits = |entry: &&ModelEntry| name.is_none_or(|name| entry.name == name);
    let fitting: Vec<&ModelEntry> = offered.iter().filter(fits).collect();
    let [entry] = fitting[..] else {
        let names: Vec<String> = offered
            .iter()
            .map(|m| format!("{} ({})", m.name, m.digest))
            .collect();
        bail!(
            "expected one model{}, found {}; the provider offers {}",
            name.map_or(String::new(), |name| format!(" of the name {name}")),
            fitting.len(),
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        );
    };
    // What the listing says is not signed: the manifest must say the same.
    let digest = entry.digest.parse().map_err(anyhow::Error::msg)?;
    let manifest = client.manifest(&digest)?;
    let offered = &manifest.body().name;
    if *offered != entry.name {
        bail!("expected the manifest of {}, found that of {offered}", entry.name);
    }
    if Pins::open(pins)?.check(url.trim_end_matches('/'), name.is_some(), &manifest)? {
        session.warn(&format!(
            "the model {offered} is asked for the first time, and pinned: {digest}\n  signed by {}\n  compare both \
             with what the provider tells elsewhere",
            manifest.body().provider
        ));
    }
    Ok(manifest)
}
