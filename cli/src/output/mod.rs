//! What the program says: results on stdout, everything else on stderr.

mod claim;
mod digit;
mod format;
mod layout;
mod log;
mod manifest;
mod memory;
mod session;

pub use claim::{describe_claim, describe_outputs, hashed_name};
pub use digit::draw_digit;
pub use format::{bytes, next_step, shape, table, time};
pub use layout::{describe_error, describe_layout};
pub use manifest::{describe_manifest, manifest_json, warn_of_weights};
pub use memory::peak_memory;
pub use session::{Global, Session, Verdict};
