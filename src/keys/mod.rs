//! The keys of a model.

mod domain;
#[cfg(feature = "keys")]
mod proving;
mod verifying;

#[cfg(feature = "keys")]
pub use proving::ProvingKey;
#[cfg(feature = "keys")]
pub(crate) use verifying::Parts;
pub use verifying::VerifyingKey;
