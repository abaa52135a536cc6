//! The model commitment that a proof must be linked to.

use super::beside;
use anyhow::{Context, Result, anyhow};
use clap::Args;
use std::path::{Path, PathBuf};
use zkml::commitments::{ModelCommitment, ModelSecret, Opening, PinnedModel};
use zkml::{Digest, VerifyingKey};
use zkml_evm::Verifier;
use zkml_network::SignedManifest;

/// A model commitment, and what it is pinned under.
#[derive(Args, Debug)]
pub struct PinnedArgs {
    /// The commitment to the model's parameters, or the manifest (.json) that lists it, from the model's owner; needed where
    /// they are committed
    #[arg(long, value_name = "FILE")]
    pub commitment: Option<PathBuf>,
    /// Digest of the manifest that lists the commitment; whether it does is checked only where --commitment names the
    /// manifest [default: that of the manifest, or the commitment's own]
    #[arg(long, value_name = "DIGEST", requires = "commitment")]
    pub manifest: Option<Digest>,
}

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
    /// The files that are named, or else those beside the model.
    pub fn new(model: &Path, commitment: &Option<PathBuf>, secret: &Option<PathBuf>) -> Self {
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

/// A commitment from a file, and what it is pinned under.
pub struct Pinned {
    commitment: ModelCommitment,
    manifest: Option<Digest>,
}

impl Pinned {
    /// Reads the commitment that is named, if one is: from its own file, or from the manifest that lists it, whose
    /// name ends in `.json`.
    pub fn load(args: &PinnedArgs) -> Result<Option<Self>> {
        let Some(path) = &args.commitment else {
            return Ok(None);
        };
        if path.extension().is_none_or(|extension| extension != "json") {
            return Ok(Some(Self {
                commitment: load_commitment(path)?,
                manifest: args.manifest,
            }));
        }
        let mut manifest = SignedManifest::load(path).with_context(|| {
            format!(
                "cannot use {} as a manifest (`zkml publish` makes one)",
                path.display()
            )
        })?;
        if let Some(digest) = &args.manifest {
            manifest = manifest.expect(digest)?;
        }
        let commitment = manifest.body().commitment()?.with_context(|| {
            format!(
                "{}: expected a manifest that lists a model commitment, found one without",
                path.display()
            )
        })?;
        Ok(Some(Self {
            commitment,
            manifest: Some(*manifest.digest()),
        }))
    }

    /// The commitment under the digest of its manifest, or its own.
    pub fn model(&self) -> PinnedModel {
        pinned(self.commitment.clone(), self.manifest)
    }
}

/// What contracts need to verify a key's proofs: where parameters are committed, those that are linked to this.
pub fn contract_of(key: &VerifyingKey, model: Option<&Pinned>) -> Result<Verifier, zkml::Error> {
    match model {
        Some(model) => key.contract_for(&model.model()),
        None => key.contract(),
    }
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
pub fn pinned(commitment: ModelCommitment, manifest: Option<Digest>) -> PinnedModel {
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
