//! Rectifiers and clipping.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one(
        "Clip",
        clip,
        "Clip; Rescale with its rectifier for the bounds 0 and infinity",
    )
    .limits("constant bounds"),
    Operator::one("LeakyRelu", leaky_relu, "Rescale with its rectifier, LinComb"),
    Operator::one(
        "Relu",
        |node| unary(node, FloatOp::Relu),
        "Rescale with its rectifier; part of a Max before or after a pooling",
    ),
];

fn unary(node: &mut Node<'_>, op: FloatOp) -> Result<Value> {
    let x = node.tensor(0)?;
    node.push(op, &[x]).map(Value::Node)
}

fn leaky_relu(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 0.01)?;
    unary(node, FloatOp::LeakyRelu { alpha })
}

/// Bounds are attributes before operator set 11 and inputs since.
fn clip(node: &mut Node<'_>) -> Result<Value> {
    let (mut lo, mut hi) = (node.attributes.float("min")?, node.attributes.float("max")?);
    if node.has(1) {
        lo = Some(node.scalar(1)?);
    }
    if node.has(2) {
        hi = Some(node.scalar(2)?);
    }
    // The exporters' stand-ins for "no bound".
    let lo = lo.filter(|&lo| lo > f32::MIN).unwrap_or(f32::NEG_INFINITY);
    let hi = hi.filter(|&hi| hi < f32::MAX).unwrap_or(f32::INFINITY);
    if lo > hi {
        return Err(node.error(format!(
            "the lower bound {lo} is larger than the upper bound {hi}"
        )));
    }
    match (lo, hi) {
        (f32::NEG_INFINITY, f32::INFINITY) => node.tensor(0).map(Value::Node),
        (0.0, f32::INFINITY) => unary(node, FloatOp::Relu),
        _ => unary(node, FloatOp::Clip { lo, hi }),
    }
}
