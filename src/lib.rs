//! Zero-knowledge proofs that a neural network produced an output.
mod artifact;
mod backend;
mod claim;
#[cfg(feature = "prover")]
mod compiled;
mod digest;
mod error;
mod field;
mod keys;
mod kzg;
mod progress;
mod proof;
#[cfg(feature = "prover")]
mod prove;
mod schema;
#[cfg(feature = "prover")]
mod srs;
mod srs_id;
mod transcript;
mod verify;

pub use artifact::{ArtifactKind, write_atomically};
pub use backend::{CircuitOptions, Optimize, ParamVisibility, Visibility};
pub use claim::{Claim, TensorValue};
#[cfg(feature = "prover")]
pub use compiled::{CompiledModel, Inference};
pub use digest::Digest;
pub use error::Error;
#[cfg(feature = "prover")]
pub use keys::ProvingKey;
pub use keys::VerifyingKey;
pub use progress::Progress;
pub use proof::{Proof, TranscriptKind};
pub use schema::{Role, TensorInfo};
#[cfg(feature = "prover")]
pub use srs::{Srs, SrsCache, SrsOrigin};
pub use srs_id::SrsId;
pub use transcript::StrictRead;
#[cfg(feature = "prover")]
pub use zkml_core::float::FloatTensor;
