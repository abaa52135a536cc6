//! Which SRS a command uses.

use anyhow::{Context, Result};
use std::path::PathBuf;
use zkml::ceremony::{SrsId, SrsStanding};
use zkml::{CompiledModel, Progress, Srs, SrsCache, VerifyingKey};

/// A file, or the user's cache.
pub enum SrsSource {
    /// This file.
    File(PathBuf),
    /// The cache.
    Cache,
}

impl From<Option<PathBuf>> for SrsSource {
    fn from(path: Option<PathBuf>) -> Self {
        path.map_or(Self::Cache, Self::File)
    }
}

impl SrsSource {
    /// An SRS for new keys.
    pub fn for_setup(&self, model: &CompiledModel, progress: &Progress) -> Result<Srs> {
        match self {
            Self::File(path) => load(path, progress),
            Self::Cache => Ok(SrsCache::for_user()?.find(model.k(), progress)?),
        }
    }

    /// The SRS that a key was made with.
    pub fn for_key(&self, key: &VerifyingKey, progress: &Progress) -> Result<Srs> {
        match self {
            Self::File(path) => load(path, progress),
            Self::Cache => SrsCache::for_user()?
                .find_id(key.k(), key.srs_id(), progress)
                .context("the SRS that the key was made with is not in the cache: give it with --srs"),
        }
    }
}

/// What is known of an SRS, also that this user made it for development.
pub fn standing(id: SrsId) -> SrsStanding {
    SrsCache::for_user().map_or_else(|_| id.standing(), |cache| cache.standing(id))
}

fn load(path: &std::path::Path, progress: &Progress) -> Result<Srs> {
    progress
        .stage("reading the SRS", || Srs::load(path))
        .with_context(|| {
            format!(
                "cannot use the SRS {} (files of others go through `zkml srs import` first)",
                path.display()
            )
        })
}
