//! Arguments resolved: defaults filled in, files that they name found, texts parsed.

mod compile;
mod labels;
mod paths;
mod srs;

pub use compile::{Calibration, CompileConfig};
pub use paths::{KeyPaths, ProofPath};
pub use srs::SrsSource;
