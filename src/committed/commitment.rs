//! The published commitment to a model's parameters, and its file.
//!
//! The payload: model digest (32 bytes), key digest (32), the number of columns (4 bytes,
//! little-endian) and a point for each (64 bytes each).

use crate::artifact::{self, ArtifactKind, Reader};
use crate::kzg::{self, G1_LEN};
use crate::{Digest, Error};
use halo2curves::bn256::G1Affine;
use halo2curves::serde::SerdeObject;
use std::path::Path;

/// A commitment to the parameters of a model, published once: every proof with committed parameters is
/// linked to one.
///
/// It is to the parameters in the columns of one circuit, with one SRS: it names the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCommitment {
    pub(crate) model_digest: Digest,
    pub(crate) key_digest: Digest,
    pub(crate) columns: Vec<G1Affine>,
}

impl ModelCommitment {
    /// Digest of the model's architecture.
    pub fn model_digest(&self) -> &Digest {
        &self.model_digest
    }

    /// Digest of the verifying key of its circuit.
    pub fn key_digest(&self) -> &Digest {
        &self.key_digest
    }

    /// Number of columns that hold parameters.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The commitment to each of these columns.
    pub fn points(&self) -> &[G1Affine] {
        &self.columns
    }

    /// Digest of the commitment, which identifies the model where there is no manifest.
    pub fn digest(&self) -> Digest {
        Digest::of(b"zkml-weights", &[&self.payload()])
    }

    /// The content of the file that [`ModelCommitment::save`] writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        artifact::seal(ArtifactKind::ModelCommitment, &self.payload())
    }

    /// Reads what [`ModelCommitment::to_bytes`] made.
    ///
    /// # Errors
    /// Those of a container; [`Error::Malformed`] for points that are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let payload = artifact::open(ArtifactKind::ModelCommitment, bytes)?;
        let mut reader = Reader::new("this model commitment", payload);
        let model_digest = reader.array()?.into();
        let key_digest = reader.array()?.into();
        let count = reader.u32()? as usize;
        let points = reader.take(count.saturating_mul(G1_LEN))?;
        reader.finish()?;
        let point = |bytes| {
            kzg::g1_from_bytes(bytes).ok_or_else(|| {
                Error::malformed("model commitment", "expected commitments, found no point of G1")
            })
        };
        Ok(Self {
            model_digest,
            key_digest,
            columns: points.chunks_exact(G1_LEN).map(point).collect::<Result<_, _>>()?,
        })
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        artifact::save(path, ArtifactKind::ModelCommitment, &self.payload())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`ModelCommitment::from_bytes`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::from_bytes(&artifact::load(path, ArtifactKind::ModelCommitment)?)
    }

    fn payload(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(68 + self.columns.len() * G1_LEN);
        out.extend_from_slice(self.model_digest.as_bytes());
        out.extend_from_slice(self.key_digest.as_bytes());
        out.extend_from_slice(&(self.columns.len() as u32).to_le_bytes());
        self.columns
            .iter()
            .for_each(|p| out.extend_from_slice(&p.to_raw_bytes()));
        out
    }
}

/// A model commitment as a proof is linked to it: under the digest of the manifest that lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedModel {
    commitment: ModelCommitment,
    manifest: Digest,
}

impl PinnedModel {
    /// A commitment without a manifest: its own digest takes the manifest's place.
    pub fn new(commitment: ModelCommitment) -> Self {
        Self {
            manifest: commitment.digest(),
            commitment,
        }
    }

    /// The commitment that the manifest with this digest lists. Proofs under another manifest's digest
    /// do not verify.
    pub fn with_manifest(commitment: ModelCommitment, manifest: Digest) -> Self {
        Self { commitment, manifest }
    }

    /// The digest of the manifest, or of the commitment if there is none.
    pub fn manifest(&self) -> &Digest {
        &self.manifest
    }

    /// The commitment.
    pub fn commitment(&self) -> &ModelCommitment {
        &self.commitment
    }
}
