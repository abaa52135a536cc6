//! Contracts: compiling them, and asking them.

mod address;
mod local;
mod node;
mod solc;

pub use address::Address;
pub use local::ask_local;
pub use node::{Contract, Node};
pub use solc::compile;

/// What a contract says of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the proof is valid.
    pub valid: bool,
    /// Gas of the transaction, where it is known.
    pub gas: Option<u64>,
}
