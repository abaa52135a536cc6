//! The keys of a model.

mod domain;
#[cfg(feature = "prover")]
mod proving;
mod verifying;

#[cfg(feature = "prover")]
pub use proving::ProvingKey;
#[cfg(feature = "prover")]
pub(crate) use verifying::Parts;
pub use verifying::VerifyingKey;
