//! Model commitments, the digests that they are pinned under, and salts, from files.

use super::paths::beside;
use crate::args::{CommitArgs, ProveArgs, VerifyArgs};
use anyhow::{Context, Result, anyhow};
use std::path::{Path, PathBuf};
use zkml::{Digest, ModelCommitment, ModelSecret, Opening, PinnedModel};

/// The largest file of salts that is read.
const SALTS_LIMIT: u64 = 16 << 20;

/// Where a model commitment and its secret lie.
pub struct CommitmentPaths {
    /// The commitment.
    pub commitment: PathBuf,
    /// The secret.
    pub secret: PathBuf,
}

impl CommitmentPaths {
    fn new(model: &Path, commitment: &Option<PathBuf>, secret: &Option<PathBuf>) -> Self {
        Self {
            commitment: commitment.clone().unwrap_or_else(|| beside(model, "commitment")),
            secret: secret.clone().unwrap_or_else(|| beside(model, "secret")),
        }
    }

    /// Reads both.
    pub fn load(&self) -> Result<(ModelCommitment, ModelSecret)> {
        let secret = ModelSecret::load(&self.secret).with_context(|| {
            format!(
                "cannot use {} as a model secret (`zkml commit` makes one)",
                self.secret.display()
            )
        })?;
        Ok((load_commitment(&self.commitment)?, secret))
    }
}

impl From<&ProveArgs> for CommitmentPaths {
    fn from(args: &ProveArgs) -> Self {
        Self::new(&args.model, &args.commitment, &args.secret)
    }
}

impl From<&CommitArgs> for CommitmentPaths {
    fn from(args: &CommitArgs) -> Self {
        Self::new(&args.model, &args.output, &args.secret)
    }
}

/// Reads the commitment that a verifier names, if it names one.
pub fn commitment_of(args: &VerifyArgs) -> Result<Option<ModelCommitment>> {
    args.commitment.as_deref().map(load_commitment).transpose()
}

fn load_commitment(path: &Path) -> Result<ModelCommitment> {
    ModelCommitment::load(path).with_context(|| {
        format!(
            "cannot use {} as a model commitment (`zkml commit` makes one)",
            path.display()
        )
    })
}

/// A commitment under the digest of a manifest, if one is given.
pub fn pinned(commitment: &ModelCommitment, manifest: Option<Digest>) -> PinnedModel<'_> {
    match manifest {
        Some(digest) => PinnedModel::with_manifest(commitment, digest),
        None => PinnedModel::new(commitment),
    }
}

/// The openings in a file that `zkml prove` wrote.
pub fn load_salts(path: &Path) -> Result<Vec<Opening>> {
    let text = crate::input::read_text(path, SALTS_LIMIT)?;
    // The file holds secrets: what is wrong is told by its place alone.
    serde_json::from_str(&text).map_err(|e| {
        anyhow!(
            "{}: expected the salts that `zkml prove` wrote, found other JSON at line {}, column {}",
            path.display(),
            e.line(),
            e.column()
        )
    })
}
