//! Functions of one variable that a table holds, and those that follow from them by scaling.

use super::{prelude::*, rectified::scaled};
use crate::float::Function;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("Asinh", |node| function(node, &Function::ASINH), "Lut").since(9),
    Operator::one("Atan", |node| function(node, &Function::ATAN), "Lut"),
    Operator::one("Cos", |node| function(node, &Function::COS), "Lut"),
    Operator::one("Cosh", |node| function(node, &Function::COSH), "Lut").since(9),
    Operator::one("Erf", |node| function(node, &Function::ERF), "Lut").since(9),
    Operator::one("Exp", |node| function(node, &Function::EXP), "Lut"),
    Operator::one("Gelu", gelu, "Lut").since(20),
    Operator::one("Log", |node| function(node, &Function::LOG), "Clip, Lut")
        .limits("an input is refused on which an argument is not above 0, rounding aside"),
    Operator::one("Mish", |node| function(node, &Function::MISH), "Lut").since(18),
    Operator::one("Sigmoid", |node| function(node, &Function::SIGMOID), "Lut"),
    Operator::one("Sin", |node| function(node, &Function::SIN), "Lut"),
    Operator::one("Sinh", |node| function(node, &Function::SINH), "Lut").since(9),
    Operator::one("Softplus", |node| function(node, &Function::SOFTPLUS), "Lut"),
    Operator::one("Softsign", |node| function(node, &Function::SOFTSIGN), "Lut"),
    Operator::one(
        "Sqrt",
        |node| function(node, &Function::SQRT),
        "Lut; also Clip, Rescale and LinComb for two limbs",
    )
    .limits("an input is refused on which an argument is below 0, rounding aside"),
    Operator::one("Swish", swish, "Lut; LinComb for `alpha`").since(24),
    Operator::one("Tanh", |node| function(node, &Function::TANH), "Lut"),
];

fn function(node: &mut Node<'_>, function: &'static Function) -> Result<Value> {
    let x = node.tensor(0)?;
    node.push(FloatOp::Function(function), &[x]).map(Value::Node)
}

fn gelu(node: &mut Node<'_>) -> Result<Value> {
    match node.attributes.string("approximate")?.as_deref() {
        None | Some("none") => function(node, &Function::GELU),
        Some("tanh") => function(node, &Function::GELU_TANH),
        Some(other) => Err(node.attributes.error(
            "approximate",
            format!("expected `none` or `tanh`, found `{other}`"),
        )),
    }
}

fn swish(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1.0)?;
    gated_by_sigmoid(node, alpha)
}

/// `x / (1 + e^(-alpha x))`.
pub(super) fn gated_by_sigmoid(node: &mut Node<'_>, alpha: f32) -> Result<Value> {
    let mut y = node.tensor(0)?;
    if alpha == 0.0 {
        return scaled(node, y, 0.5).map(Value::Node);
    }
    if !alpha.recip().is_finite() {
        let reason = format!("expected 0, or a number whose reciprocal is finite, found {alpha}");
        return Err(node.attributes.error("alpha", reason));
    }
    y = scaled(node, y, alpha)?;
    y = node.push(FloatOp::Function(&Function::SILU), &[y])?;
    scaled(node, y, alpha.recip()).map(Value::Node)
}
