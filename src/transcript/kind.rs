//! Which hash challenges come from.

use serde::{Deserialize, Serialize};

/// The hash that a proof's challenges come from. A key says which one its proofs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum TranscriptKind {
    /// halo2's Blake2b transcript.
    Blake2b = 1,
    /// Keccak-256 in the format of snark-verifier's `EvmTranscript`, which contracts follow.
    Evm = 2,
}

impl TranscriptKind {
    /// Reads the byte of a file.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Blake2b, Self::Evm]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

impl std::fmt::Display for TranscriptKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Blake2b => "blake2b",
            Self::Evm => "evm",
        })
    }
}
