//! Arguments resolved: defaults filled in, files that they name found, texts parsed.

mod backend;
mod checked_keys;
mod commitment;
mod compile;
mod key_trust;
mod labels;
mod outputs;
mod paths;
mod pins;
mod published;
mod srs;

pub use backend::choose_backend;
pub use checked_keys::CheckedKeys;
pub use commitment::{CommitmentPaths, Pinned, contract_of, load_salts, pinned};
pub use compile::{Calibration, CompileConfig};
pub use key_trust::{KeyChecked, check_published, fetch_circuit_and_srs, warn_of_srs};
pub use outputs::check_outputs;
pub use paths::{KeyPaths, ProofPath, beside};
pub use pins::Pins;
pub use published::{PublishedPaths, circuit_beside, load_prover, manifest_beside};
pub use srs::{SrsSource, standing};
