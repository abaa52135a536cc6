//! Import of ONNX files into a [`FloatGraph`].
//!
//! Each operator has an importer, which [`ops`] lists; integer computations on shapes are carried
//! out at once, in 64-bit integers.

mod attributes;
#[cfg(test)]
mod guide;
mod import;
mod ints;
mod node;
mod ops;
mod proto;
mod registry;
mod scope;
mod summary;
mod tensor_file;
mod value;

pub use ops::operators;
pub use registry::Operator;
pub use summary::{Summary, SummaryOperator, SummaryTensor, summary};
pub use tensor_file::tensor_from_bytes;

use crate::{
    error::{Error, Result},
    float::FloatGraph,
};
use std::{collections::BTreeMap, path::Path};

/// What the ONNX file leaves open.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Length of a symbolic first axis of inputs; 1 if not given.
    pub batch: Option<usize>,
    /// Lengths of other symbolic axes by name.
    pub dims: BTreeMap<String, usize>,
    /// Class labels by index along the last axis of the outputs. If empty, the labels that the
    /// file has in its metadata (key `labels`, comma-separated) are taken.
    pub labels: Vec<String>,
}

/// Imports the bytes of an ONNX file.
///
/// # Errors
///
/// [`Error::Onnx`] for a file that is no valid model, [`Error::UnsupportedOperators`] with every
/// unsupported operator, [`Error::Attribute`] and [`Error::Model`] naming the node, and
/// [`Error::SymbolicDim`] for an open axis.
#[tracing::instrument(level = "debug", name = "import", skip_all)]
pub fn from_bytes(bytes: &[u8], options: &ImportOptions) -> Result<FloatGraph> {
    import::import(&proto::parse(bytes)?, options, ops::STANDARD)
}

/// Imports an ONNX file.
///
/// # Errors
///
/// [`Error::Read`] if the file cannot be read, otherwise as [`from_bytes`].
pub fn from_file(path: &Path, options: &ImportOptions) -> Result<FloatGraph> {
    let bytes = std::fs::read(path).map_err(|source| Error::Read {
        path: path.to_path_buf(),
        source,
    })?;
    from_bytes(&bytes, options)
}
