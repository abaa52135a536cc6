//! What a verifier is given besides its key, in parts that can be changed one by one.

use super::layout::number;
use crate::words::word;
use halo2curves::bn256::{Fr, G1Affine};
use halo2curves::serde::SerdeObject;
use zkml::advanced::{ArtifactKind, seal};
use zkml::commitments::{ModelCommitment, PinnedModel};
use zkml::{Digest, Proof};

/// Bytes of a container before its payload.
const HEADER: usize = 16;
/// Bytes of a commitment's payload before its points.
const COMMITMENT_HEAD: usize = 64;

/// A commitment's file with a manifest's digest; the commitment's own takes its place where there is none.
///
/// # Errors
/// Those of [`ModelCommitment::from_bytes`].
pub fn pinned(
    commitment: Option<&[u8]>,
    manifest: Option<Digest>,
) -> Result<Option<PinnedModel>, zkml::Error> {
    let commitment = commitment.map(ModelCommitment::from_bytes).transpose()?;
    Ok(commitment.map(|commitment| match manifest {
        Some(manifest) => PinnedModel::with_manifest(commitment, manifest),
        None => PinnedModel::new(commitment),
    }))
}

/// A proof file in its parts, and what the proof is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Digest of the model that the proof says it is about.
    pub model_digest: [u8; 32],
    /// Digest of the key that the proof says it is for.
    pub key_digest: [u8; 32],
    /// The transcript: 1 or 2, in a valid proof.
    pub transcript: u8,
    /// The public values, the most significant byte first; below the group order in a valid proof.
    pub values: Vec<[u8; 32]>,
    /// The proof itself.
    pub proof: Vec<u8>,
    /// The model commitment, as a file has it.
    pub commitment: Option<Vec<u8>>,
    /// Digest of the manifest; the commitment's own takes its place where there is none.
    pub manifest: Option<Digest>,
}

impl Statement {
    /// The parts of a proof and of what it is linked to.
    pub fn new(proof: &Proof, pinned: Option<&PinnedModel>) -> Self {
        Self {
            model_digest: *proof.model_digest().as_bytes(),
            key_digest: *proof.key_digest().as_bytes(),
            transcript: proof.transcript() as u8,
            values: proof.public_values().iter().map(word).collect(),
            proof: proof.bytes().to_vec(),
            commitment: pinned.map(|pinned| pinned.commitment().to_bytes()),
            manifest: pinned.map(|pinned| *pinned.manifest()),
        }
    }

    /// The proof file: a container whose checksum is right.
    pub fn file(&self) -> Vec<u8> {
        let mut payload = [self.model_digest, self.key_digest].concat();
        payload.push(self.transcript);
        payload.extend((self.values.len() as u64).to_le_bytes());
        let values = self.values.iter();
        payload.extend(values.flat_map(|value| value.iter().rev()));
        payload.extend((self.proof.len() as u64).to_le_bytes());
        payload.extend(&self.proof);
        seal(ArtifactKind::Proof, &payload)
    }

    /// The public values, if all are below the group order.
    pub fn public_values(&self) -> Option<Vec<Fr>> {
        self.values.iter().map(|value| number(value)).collect()
    }

    /// What the proof is linked to, if that can be read.
    ///
    /// # Errors
    /// Those of [`ModelCommitment::from_bytes`].
    pub fn pinned(&self) -> Result<Option<PinnedModel>, zkml::Error> {
        pinned(self.commitment.as_deref(), self.manifest)
    }

    /// The points of the commitment.
    pub(super) fn commitment_points(&self) -> Option<Vec<G1Affine>> {
        Some(self.pinned().ok()??.commitment().points().to_vec())
    }

    /// Gives the commitment other points.
    pub(super) fn set_commitment_points(&mut self, points: &[G1Affine]) -> Option<()> {
        let file = self.commitment.as_ref()?;
        let head = file.get(HEADER..HEADER + COMMITMENT_HEAD)?;
        let mut payload = head.to_vec();
        payload.extend((points.len() as u32).to_le_bytes());
        payload.extend(points.iter().flat_map(SerdeObject::to_raw_bytes));
        self.commitment = Some(seal(ArtifactKind::ModelCommitment, &payload));
        Some(())
    }
}
