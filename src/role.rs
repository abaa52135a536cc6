//! What tensors are to a model.

use serde::{Deserialize, Serialize};

/// The part that a tensor plays in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An input.
    Input,
    /// An output.
    Output,
    /// A parameter (a weight).
    Param,
}
