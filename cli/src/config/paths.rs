//! Where files lie that belong to a compiled model.

use crate::args::{ProveArgs, SetupArgs};
use std::path::{Path, PathBuf};

/// The key files of a setup.
pub struct KeyPaths {
    /// The proving key.
    pub proving: PathBuf,
    /// The verifying key.
    pub verifying: PathBuf,
    /// The circuit.
    pub circuit: PathBuf,
}

impl From<&SetupArgs> for KeyPaths {
    fn from(args: &SetupArgs) -> Self {
        Self {
            proving: args.pk.clone().unwrap_or_else(|| beside(&args.model, "pk")),
            verifying: args.vk.clone().unwrap_or_else(|| beside(&args.model, "vk")),
            circuit: args
                .circuit
                .clone()
                .unwrap_or_else(|| beside(&args.model, "circuit")),
        }
    }
}

/// The files of a proof.
pub struct ProofPath {
    /// The proving key.
    pub key: PathBuf,
    /// The proof.
    pub proof: PathBuf,
    /// The salts of hashed tensors.
    pub salts: PathBuf,
    /// Whether the proof is written as JSON.
    pub json: bool,
}

impl From<&ProveArgs> for ProofPath {
    fn from(args: &ProveArgs) -> Self {
        let proof = args
            .output
            .clone()
            .unwrap_or_else(|| beside(&args.model, "zkproof"));
        Self {
            key: args.key.pk.clone().unwrap_or_else(|| beside(&args.model, "pk")),
            salts: args.salt_out.clone().unwrap_or_else(|| beside(&proof, "salts")),
            json: proof.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")),
            proof,
        }
    }
}

/// The model's path with another extension.
pub fn beside(model: &Path, extension: &str) -> PathBuf {
    model.with_extension(extension)
}
