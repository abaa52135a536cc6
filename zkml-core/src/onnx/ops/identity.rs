//! Operators that change nothing at inference.

use crate::{
    error::Result,
    onnx::{node::Node, value::Value},
};

pub(in crate::onnx) fn identity(node: &mut Node<'_>) -> Result<Value> {
    node.value(0)
}

/// Dropout without training mode.
pub(in crate::onnx) fn dropout(node: &mut Node<'_>) -> Result<Value> {
    node.attributes.ignore("ratio");
    node.attributes.ignore("seed");
    if node.has(2) && node.ints(2)?.iter().any(|&training| training != 0) {
        return Err(node.error("training mode is not supported: export the model for inference"));
    }
    node.value(0)
}
