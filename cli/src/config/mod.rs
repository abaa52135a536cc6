//! Arguments resolved: defaults filled in, files that they name found, texts parsed.

mod backend;
mod commitment;
mod compile;
mod labels;
mod outputs;
mod paths;
mod pins;
mod published;
mod srs;

pub use backend::choose_backend;
pub use commitment::{CommitmentPaths, Pinned, contract_of, load_salts, pinned};
pub use compile::{Calibration, CompileConfig};
pub use outputs::check_outputs;
pub use paths::{KeyPaths, ProofPath, beside};
pub use pins::Pins;
pub use published::{PublishedPaths, load_prover, manifest_beside};
pub use srs::SrsSource;
