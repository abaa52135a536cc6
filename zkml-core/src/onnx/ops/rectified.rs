//! Activations that are sums of a rectifier and a function of the negative side.

use super::prelude::*;
use crate::float::Function;

/// What an exponential linear unit becomes.
const EXPONENTIAL: &str = "Rescale with its rectifier, Lut, LinComb";

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("Abs", abs, "Rescale with its rectifier, LinComb").and_shapes(),
    Operator::one("Celu", celu, EXPONENTIAL)
        .since(12)
        .limits("`alpha` is above 0"),
    Operator::one("Elu", elu, EXPONENTIAL),
    Operator::one("HardSigmoid", hard_sigmoid, "LinComb, Rescale, Clip"),
    Operator::one(
        "PRelu",
        prelu,
        "Rescale with its rectifier, LinComb; also Mul for several slopes",
    ),
    Operator::one("Selu", selu, EXPONENTIAL),
    Operator::one("Shrink", shrink, "Clip, LinComb")
        .since(9)
        .limits("`bias` equals `lambd`, so that the function is continuous"),
    Operator::one("ThresholdedRelu", thresholded_relu, "Rescale with its rectifier")
        .since(10)
        .limits("`alpha` is 0, so that the function is continuous"),
];

fn abs(node: &mut Node<'_>) -> Result<Value> {
    if let Value::Ints(x) = node.value(0)? {
        return node.ints_value(x.mapv(i64::wrapping_abs));
    }
    let x = node.tensor(0)?;
    absolute(node, x).map(Value::Node)
}

/// `|x|`, as a leaky rectifier of slope -1.
pub(super) fn absolute(node: &mut Node<'_>, x: FloatId) -> Result<FloatId> {
    node.push(FloatOp::LeakyRelu { alpha: -1.0 }, &[x])
}

/// A node times a number.
pub(super) fn scaled(node: &mut Node<'_>, x: FloatId, factor: f32) -> Result<FloatId> {
    if factor == 1.0 {
        return Ok(x);
    }
    let factor = node.push_number(factor)?;
    node.push(FloatOp::Mul, &[x, factor])
}

/// `positive max(x, 0) + negative (e^min(slope x, 0) - 1)`.
fn exponential(node: &mut Node<'_>, positive: f32, negative: f32, slope: f32) -> Result<Value> {
    let x = node.tensor(0)?;
    let relu = node.push(FloatOp::Relu, &[x])?;
    let relu = scaled(node, relu, positive)?;
    let argument = scaled(node, x, slope)?;
    let below = node.push(FloatOp::Function(&Function::EXPM1_NEGATIVE), &[argument])?;
    let below = scaled(node, below, negative)?;
    node.push(FloatOp::Add, &[relu, below]).map(Value::Node)
}

fn elu(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1.0)?;
    exponential(node, 1.0, alpha, 1.0)
}

fn celu(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1.0)?;
    if alpha <= 0.0 || !alpha.recip().is_finite() {
        let reason = format!("expected a number above 0, found {alpha}");
        return Err(node.attributes.error("alpha", reason));
    }
    exponential(node, 1.0, alpha, alpha.recip())
}

fn selu(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1.673_263_2)?;
    let gamma = node.attributes.float_or("gamma", 1.050_701)?;
    exponential(node, gamma, gamma * alpha, 1.0)
}

/// `min(max(alpha x + beta, 0), 1)`.
fn hard_sigmoid(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 0.2)?;
    let beta = node.attributes.float_or("beta", 0.5)?;
    let x = node.tensor(0)?;
    let x = scaled(node, x, alpha)?;
    let beta = node.push_number(beta)?;
    let shifted = node.push(FloatOp::Add, &[x, beta])?;
    let clip = FloatOp::Clip { lo: 0.0, hi: 1.0 };
    node.push(clip, &[shifted]).map(Value::Node)
}

/// `max(x, 0) + slope min(x, 0)`.
fn prelu(node: &mut Node<'_>) -> Result<Value> {
    let (x, slope) = (node.tensor(0)?, node.tensor(1)?);
    let shape = node.shape(x);
    if let Some(slopes) = node.graph.constant_value(slope)
        && let Some(&alpha) = slopes.first()
        && slopes.len() == 1
        && slopes.ndim() <= shape.len()
    {
        return node.push(FloatOp::LeakyRelu { alpha }, &[x]).map(Value::Node);
    }
    let relu = node.push(FloatOp::Relu, &[x])?;
    let below = node.push(FloatOp::Sub, &[x, relu])?;
    let below = node.push(FloatOp::Mul, &[below, slope])?;
    let y = node.push(FloatOp::Add, &[relu, below])?;
    if node.shape(y) != shape {
        return Err(node.error(format!(
            "its slope must broadcast to the input's shape {shape:?}, but it widens it to {:?}",
            node.shape(y)
        )));
    }
    Ok(Value::Node(y))
}

/// `x` moved towards 0 by the threshold `t`, and 0 between: `x - min(max(x, -t), t)`.
fn shrink(node: &mut Node<'_>) -> Result<Value> {
    let bias = node.attributes.float_or("bias", 0.0)?;
    let threshold = node.attributes.float_or("lambd", 0.5)?;
    if bias != threshold || threshold < 0.0 {
        return Err(node.error(format!(
            "expected `bias` to equal `lambd`, which is not negative, found {bias} and {threshold}: the function jumps \
             elsewhere, and quantisation cannot follow a jump"
        )));
    }
    let x = node.tensor(0)?;
    let clip = FloatOp::Clip {
        lo: -threshold,
        hi: threshold,
    };
    let middle = node.push(clip, &[x])?;
    node.push(FloatOp::Sub, &[x, middle]).map(Value::Node)
}

fn thresholded_relu(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1.0)?;
    if alpha != 0.0 {
        let reason = format!(
            "expected 0, found {alpha}: the function jumps there, and quantisation cannot follow a jump"
        );
        return Err(node.attributes.error("alpha", reason));
    }
    let x = node.tensor(0)?;
    node.push(FloatOp::Relu, &[x]).map(Value::Node)
}
