//! Who may see which tensors, as manifests state it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who may see inputs or outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TensorVisibility {
    /// The prover alone.
    Private,
    /// Everyone who has a proof.
    Public,
    /// The prover, and those who were given the salt; a proof shows a salted commitment.
    Hashed,
}

/// Who may see the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightVisibility {
    /// The provider alone; a proof says that there are some.
    Private,
    /// Everyone who has a proof.
    Public,
    /// Everyone who has the verifying key.
    Fixed,
    /// The provider alone; each proof shows a salted commitment.
    Hashed,
    /// The provider alone; the manifest commits to them, and each proof is about those.
    Committed,
}

impl WeightVisibility {
    /// Whether the provider keeps the weights to itself.
    pub fn is_hidden(self) -> bool {
        match self {
            Self::Private | Self::Hashed | Self::Committed => true,
            Self::Public | Self::Fixed => false,
        }
    }
}

/// Who may see which tensors of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelVisibility {
    /// The inputs.
    pub inputs: TensorVisibility,
    /// The outputs.
    pub outputs: TensorVisibility,
    /// The weights.
    pub params: WeightVisibility,
}

impl fmt::Display for TensorVisibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Public => "public",
            Self::Hashed => "hashed",
        })
    }
}

impl fmt::Display for WeightVisibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Public => "public",
            Self::Fixed => "fixed",
            Self::Hashed => "hashed",
            Self::Committed => "committed",
        })
    }
}
