//! What tests share.

use crate::Manifest;

/// A manifest of a model that does not exist: three hashed inputs, two outputs.
pub(crate) fn manifest() -> Manifest {
    serde_json::from_str(include_str!("../tests/fixtures/manifest.json")).unwrap()
}
