//! Solidity verifiers for zkml's circuits, and what goes with them: the transcript, calldata, and with
//! the feature `run` an EVM to try them in.
//!
//! From a verifying key ([`ContractKey`]) a [`Verifier`] derives, once and through `zkml-verifier`, all that is particular to a
//! circuit: the rounds of the transcript, the arithmetic between them and the scalar of every point. What is left
//! for a contract is the same for all circuits: hash, run the arithmetic, invert once, add up points, pair. So
//! there are two forms of it, from the same template:
//!
//! - [`Verifier::contract_source`]: one contract for one circuit, with the arithmetic as code;
//! - [`Reusable`]: one contract for all circuits, which reads the arithmetic from a key contract
//!   ([`Verifier::key_source`]) that the caller names by the hash of its code.
//!
//! Where proofs are linked to a published commitment to a model's parameters, a contract checks the link, too
//! ([`zkml_verifier::ModelLink`]). The commitment is part of the contract, or of the key contract.

mod abi;
mod error;
mod key;
#[cfg(feature = "run")]
mod precompile;
mod public;
mod reusable;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(feature = "run")]
mod run;
mod solc;
mod source;
mod transcript;
mod verifier;
mod word;

pub use abi::{
    COORDINATOR_CONTEXT, Function, KeyContract, address_word, call, calldata, calldata_of_words, proof_call,
};
pub use error::Error;
#[cfg(feature = "run")]
pub use precompile::Precompile;
pub use public::{OutputTensor, PublicLayout};
pub use reusable::Reusable;
#[cfg(feature = "run")]
pub use run::{Chain, Outcome};
pub use solc::{OPTIMIZER_RUNS, SOLC_FILES, SOLC_VERSION};
pub use transcript::{EvmChallenge, EvmRead, EvmWrite};
pub use verifier::{CODE_LIMIT, ContractKey, ProofLayout, Verifier};
pub use word::number_word;
