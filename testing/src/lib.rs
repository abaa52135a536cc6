//! What the tests and acceptance runs of several crates share. Each part is a feature, so that a crate's tests depend on no crate
//! above it.

#[cfg(feature = "prover")]
pub mod lanes;
#[cfg(feature = "model")]
pub mod model;
#[cfg(feature = "mutant")]
pub mod mutant;
#[cfg(feature = "mutation")]
pub mod mutation;
pub mod postgres;
#[cfg(feature = "prover")]
pub mod script;
#[cfg(any(feature = "mutant", feature = "mutation"))]
mod words;
