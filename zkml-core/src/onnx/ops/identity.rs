//! Operators that change nothing at inference.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("Dropout", dropout, "none").limits("inference; no mask"),
    Operator::one("Identity", identity, "none").and_shapes(),
];

fn identity(node: &mut Node<'_>) -> Result<Value> {
    node.value(0)
}

/// Dropout without training mode.
fn dropout(node: &mut Node<'_>) -> Result<Value> {
    node.attributes.ignore("ratio");
    node.attributes.ignore("seed");
    if node.has(2) && node.ints(2)?.iter().any(|&training| training != 0) {
        return Err(node.error("training mode is not supported: export the model for inference"));
    }
    node.value(0)
}
