//! What the caller chooses.

use serde::{Deserialize, Serialize};

/// Who may see an input or output tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// Only the prover.
    Private,
    /// Everyone: the values are public values of the proof.
    Public,
    /// Only the prover; a salted commitment to the values is a public value of the proof
    /// ([`crate::commitment`]).
    Hashed,
}

/// Who may see the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamVisibility {
    /// Only the prover.
    Private,
    /// Everyone: the values are public values of the proof.
    Public,
    /// Everyone: the values are part of the verifying key.
    Fixed,
    /// Only the prover; a salted commitment to all of them is a public value of the proof.
    Hashed,
    /// Only the prover; a commitment to them that was published once binds every proof.
    Committed,
}

impl ParamVisibility {
    /// Whether the prover keeps the values to itself.
    pub fn is_hidden(self) -> bool {
        match self {
            Self::Private | Self::Hashed | Self::Committed => true,
            Self::Public | Self::Fixed => false,
        }
    }
}

/// What the cost model minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Optimize {
    /// Proving time.
    Prover,
    /// Proof size and verification time.
    Verifier,
    /// Gas of a contract that verifies.
    Evm,
}

/// Options of the circuit compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitOptions {
    /// Visibility of all inputs.
    pub inputs: Visibility,
    /// Visibility of all outputs.
    pub outputs: Visibility,
    /// Visibility of all parameters.
    pub params: ParamVisibility,
    /// What to minimise.
    pub optimize: Optimize,
    /// Number of public values that the circuit says nothing about: a proof is bound to them.
    pub context: u16,
}

impl Default for CircuitOptions {
    fn default() -> Self {
        CircuitOptions {
            inputs: Visibility::Private,
            outputs: Visibility::Public,
            params: ParamVisibility::Private,
            optimize: Optimize::Prover,
            context: 0,
        }
    }
}
