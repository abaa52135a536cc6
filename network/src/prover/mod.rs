//! Provers: a provider's, behind a service, and a user's own.

mod engine;
mod local;
mod publish;

pub use engine::{ProverFiles, ProvingEngine};
pub use local::prove_locally;
pub use publish::{Publication, publish};
