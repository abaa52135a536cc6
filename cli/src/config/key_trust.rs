//! What a verifier demands of a key.

use super::CheckedKeys;
use super::srs::standing;
use crate::output::Session;
use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use zkml::ceremony::{RequiredSrs, SrsId};
use zkml::{Circuit, Srs, SrsCache};
use zkml_network::{Client, PublishedModel};

/// Which SRS a key must come from.
#[derive(Args, Debug, Clone, Copy)]
pub struct SrsRequirement {
    /// The SRS that the key must come from: `ceremony` (any that is known), a ceremony's name (hermez), or an identity
    #[arg(long, value_name = "ID|ceremony")]
    pub require_srs: Option<RequiredSrs>,
}

/// How the key of a published model is checked.
#[derive(Args, Debug)]
pub struct KeyTrustArgs {
    /// Which SRS the key must come from.
    #[command(flatten)]
    pub srs: SrsRequirement,
    /// Do not make the key again from the model's circuit: rely on its maker
    #[arg(long)]
    pub no_key_check: bool,
    /// The file of keys that were checked before [default: in your folder for data; ZKML_CHECKED_KEYS]
    #[arg(long, value_name = "FILE")]
    pub checked_keys: Option<PathBuf>,
}

/// What is known of a key's constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyChecked {
    /// It was made again from the circuit, and is the same.
    Checked,
    /// It was, on an earlier run.
    Remembered,
    /// The user did not want it.
    Skipped,
}

impl KeyChecked {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Checked => "made again from the model's circuit, and the same",
            Self::Remembered => "checked before: it is the one of the model's circuit",
            Self::Skipped => "NOT CHECKED (--no-key-check): whoever made it can have left out constraints",
        }
    }
}

/// Says what is known of an SRS, unless it is the result of a known ceremony.
pub fn warn_of_srs(id: SrsId, session: &Session) {
    let standing = standing(id);
    if !standing.is_trusted() {
        session.warn(&format!("the SRS {id} is {standing}"));
    }
}

/// The circuit that a provider publishes, and the SRS of its key: the cache's, or else the provider's, whose powers are
/// checked. That one is not kept: the user did not choose it.
pub fn fetch_circuit_and_srs(
    client: &Client,
    published: &PublishedModel,
    session: &Session,
) -> Result<(Circuit, Srs)> {
    let circuit =
        session.progress().stage(
            "fetching the circuit",
            || Ok(client.circuit(published.manifest())),
        )??;
    let key = published.key();
    let cached = SrsCache::for_user()?.find_id(key.k(), key.srs_id(), session.progress());
    let srs = match cached {
        Err(zkml::Error::SrsNotFound { .. }) => client.srs(published.manifest(), session.progress())?,
        cached => cached?,
    };
    Ok((circuit, srs))
}

/// Checks the SRS and the key of a published model. The circuit and the SRS are fetched only where the key was not checked
/// before.
pub fn check_published(
    published: &PublishedModel,
    args: &KeyTrustArgs,
    fetch: impl FnOnce() -> Result<(Circuit, Srs)>,
    session: &Session,
) -> Result<KeyChecked> {
    let key = published.key();
    if let Some(required) = args.srs.require_srs {
        required.check(key.srs_id())?;
    }
    warn_of_srs(key.srs_id(), session);
    if args.no_key_check {
        session.warn(
            "the key is not checked (--no-key-check): whoever made it can have left out constraints, so that false \
             answers verify",
        );
        return Ok(KeyChecked::Skipped);
    }
    let mut checked = CheckedKeys::open(args.checked_keys.as_deref())?;
    let circuit_digest = published.manifest().body().circuit_digest;
    if checked.contains(key.digest(), &circuit_digest) {
        return Ok(KeyChecked::Remembered);
    }
    published.check_key_size()?;
    let (circuit, srs) = fetch().context(
        "the verifying key was not checked on this machine before, and cannot be now (--no-key-check leaves it out)",
    )?;
    published
        .check_key(&circuit, &srs, session.progress())
        .context("the verifying key is not to be relied on")?;
    checked.insert(*key.digest(), circuit_digest);
    Ok(KeyChecked::Checked)
}
