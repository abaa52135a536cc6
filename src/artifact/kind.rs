//! The kinds of files, their format versions and limits.

use std::fmt;

/// What a file of zkml holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ArtifactKind {
    /// A [`crate::CompiledModel`].
    CompiledModel = 1,
    /// A [`crate::ProvingKey`].
    ProvingKey = 2,
    /// A [`crate::VerifyingKey`].
    VerifyingKey = 3,
    /// A [`crate::Proof`].
    Proof = 4,
    /// An SRS.
    Srs = 5,
    /// A [`crate::commitments::ModelCommitment`].
    ModelCommitment = 6,
    /// A [`crate::commitments::ModelSecret`].
    ModelSecret = 7,
    /// A `Circuit` (with the feature `keys`).
    Circuit = 8,
}

impl ArtifactKind {
    const ALL: [Self; 8] = [
        Self::CompiledModel,
        Self::ProvingKey,
        Self::VerifyingKey,
        Self::Proof,
        Self::Srs,
        Self::ModelCommitment,
        Self::ModelSecret,
        Self::Circuit,
    ];

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// The format version that this build reads and writes.
    pub fn version(self) -> u16 {
        match self {
            Self::CompiledModel => 4,
            Self::ProvingKey | Self::VerifyingKey | Self::Srs => 3,
            Self::Proof | Self::ModelCommitment | Self::ModelSecret | Self::Circuit => 1,
        }
    }

    /// The longest payload that is read.
    pub(super) fn limit(self) -> u64 {
        const MIB: u64 = 1 << 20;
        match self {
            Self::Proof => 64 * MIB,
            Self::ModelCommitment | Self::ModelSecret => MIB,
            Self::VerifyingKey => 256 * MIB,
            Self::Circuit => 1 << 30,
            Self::CompiledModel => 8 << 30,
            Self::ProvingKey | Self::Srs => 64 << 30,
        }
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CompiledModel => "compiled model",
            Self::ProvingKey => "proving key",
            Self::VerifyingKey => "verifying key",
            Self::Proof => "proof",
            Self::Srs => "SRS",
            Self::ModelCommitment => "model commitment",
            Self::ModelSecret => "model secret",
            Self::Circuit => "circuit",
        })
    }
}
