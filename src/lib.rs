//! x
mod artifact;
mod error;
mod kzg;
mod progress;
#[cfg(feature = "prover")]
mod srs;
mod transcript;

pub use artifact::{ArtifactKind, write_atomically};
pub use error::Error;
pub use progress::Progress;
#[cfg(feature = "prover")]
pub use srs::{Srs, SrsCache, SrsId, SrsOrigin};
pub use transcript::StrictRead;
