//! Activations of the domain `com.microsoft`, which optimisers of exported models write.

use super::{functions::gated_by_sigmoid, prelude::*};
use crate::float::Function;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one(
        "com.microsoft.BiasGelu",
        |node| biased(node, &Function::GELU),
        "LinComb, Lut",
    )
    .since(1),
    Operator::one(
        "com.microsoft.FastGelu",
        |node| biased(node, &Function::GELU_TANH),
        "Lut; LinComb for a bias",
    )
    .since(1),
    Operator::one("com.microsoft.Gelu", |node| biased(node, &Function::GELU), "Lut").since(1),
    Operator::one("com.microsoft.QuickGelu", quick_gelu, "Lut, LinComb").since(1),
];

/// A function of the first input and the second, if there is one.
fn biased(node: &mut Node<'_>, function: &'static Function) -> Result<Value> {
    let mut x = node.tensor(0)?;
    if node.has(1) {
        let bias = node.tensor(1)?;
        x = node.push(FloatOp::Add, &[x, bias])?;
    }
    node.push(FloatOp::Function(function), &[x]).map(Value::Node)
}

fn quick_gelu(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1.702)?;
    gated_by_sigmoid(node, alpha)
}
