//! For tools that look inside: files and their kinds, integer graphs, circuits, transcripts, other provers.
//!
//! This module is **unstable**: what it has changes with any version.

pub use crate::artifact::{ArtifactKind, seal, write_atomically, write_new_secret, write_secret};
pub use crate::backend::CircuitOptions;
#[cfg(feature = "prover")]
pub use crate::backend::{Codes, NetworkCircuit, PhaseColumn, WitnessColumn};
#[cfg(feature = "prover")]
pub use crate::engine::Implementation;
#[cfg(feature = "prover")]
pub use crate::engine::engine_columns;
pub use crate::protocol::{ColumnKind, ColumnQuery, KeyProtocol, LinkProtocol, Node};
#[cfg(feature = "keys")]
pub use crate::srs::SrsFile;
pub use crate::text::{is_plain, plain};
pub use crate::transcript::StrictRead;
pub use crate::verifier::Trace;
#[cfg(feature = "prover")]
pub use zkml_core::onnx::tensor_from_bytes as tensor_from_onnx;
#[cfg(feature = "prover")]
pub use zkml_core::quantize::Quantized;
pub use zkml_core::{fixed_point, graph};
