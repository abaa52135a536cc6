//! Contracts: compiling them, and asking them.

mod local;
mod node;
mod solc;

pub use local::ask_local;
pub use node::{Contract, ask, check_chain};
pub use solc::compile;

/// What a contract says of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the proof is valid.
    pub valid: bool,
    /// Gas of the transaction, where it is known.
    pub gas: Option<u64>,
}
