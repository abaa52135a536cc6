//! What a provider promises: one model, its circuit, its weights, its schema, its sealing key.

mod body;
mod schema;
mod signed;
mod visibility;

use crate::Error;

pub use body::{Accuracy, Manifest};
pub use schema::{InputSchema, OutputSchema};
pub use signed::SignedManifest;
pub use visibility::{ModelVisibility, TensorVisibility, WeightVisibility};

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("manifest", reason)
}
