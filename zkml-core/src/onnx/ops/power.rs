//! Powers, reciprocals and quotients.
//!
//! A reciprocal is a square of the reciprocal root `r = 1 / sqrt(x)` where the argument is above 0 on every input, and
//! `x r^2` with `r = 1 / sqrt(x^2)` elsewhere: the root has the same relative accuracy for large and small arguments.

use super::prelude::*;
use crate::{
    float::{FloatTensor, Function, least},
    onnx::ints,
};
use ndarray::IxDyn;

/// Largest whole exponent: each factor adds its rounding.
const MAX_EXPONENT: f64 = 16.0;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("Div", div, "as Mul by the reciprocal")
        .and_shapes()
        .limits("an input is refused on which a divisor that is not constant is 0 or next to it"),
    Operator::one("Pow", pow, "Mul, and as Sqrt, Reciprocal, Log and Exp")
        .and_shapes()
        .limits(
            "a constant exponent, the same number for all elements and at most 16 in magnitude, or a constant base above 0",
        ),
    Operator::one("Reciprocal", import_reciprocal, "Mul, Clip, Rescale, Lut, LinComb")
        .limits("an input is refused on which an argument is 0 or next to it"),
];

fn function(node: &mut Node<'_>, function: &'static Function, x: FloatId) -> Result<FloatId> {
    node.push(FloatOp::Function(function), &[x])
}

/// Whether no element is 0 or less on any input.
fn is_positive(node: &Node<'_>, x: FloatId) -> bool {
    least(node.graph).get(x.0).is_some_and(|&bound| bound > 0.0)
}

fn reciprocal(node: &mut Node<'_>, x: FloatId) -> Result<FloatId> {
    if let Some(values) = node.graph.constant_value(x) {
        let reciprocal = values.mapv(f32::recip);
        if reciprocal.iter().any(|c| !c.is_finite()) {
            return Err(node.error("it divides by 0"));
        }
        return node.push_constant(reciprocal);
    }
    if is_positive(node, x) {
        let root = function(node, &Function::RSQRT, x)?;
        return node.push(FloatOp::Mul, &[root, root]);
    }
    let square = node.push(FloatOp::Mul, &[x, x])?;
    let root = function(node, &Function::RSQRT, square)?;
    let sign = node.push(FloatOp::Mul, &[x, root])?;
    node.push(FloatOp::Mul, &[sign, root])
}

fn import_reciprocal(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    reciprocal(node, x).map(Value::Node)
}

fn div(node: &mut Node<'_>) -> Result<Value> {
    if let (Value::Ints(a), Value::Ints(b)) = (node.value(0)?, node.value(1)?) {
        let result = ints::binary(&a, &b, i64::checked_div).map_err(|reason| node.error(reason))?;
        return node.ints_value(result);
    }
    let (x, divisor) = (node.tensor(0)?, node.tensor(1)?);
    let reciprocal = reciprocal(node, divisor)?;
    node.push(FloatOp::Mul, &[x, reciprocal]).map(Value::Node)
}

/// The number that all elements of a constant equal.
fn number(node: &Node<'_>, id: FloatId) -> Option<f32> {
    let values = node.graph.constant_value(id)?;
    let &first = values.first()?;
    values.iter().all(|&value| value == first).then_some(first)
}

fn pow(node: &mut Node<'_>) -> Result<Value> {
    if let (Value::Ints(a), Value::Ints(b)) = (node.value(0)?, node.value(1)?) {
        let power = |a: i64, b: i64| a.checked_pow(u32::try_from(b).ok()?);
        let result = ints::binary(&a, &b, power).map_err(|reason| node.error(reason))?;
        return node.ints_value(result);
    }
    let (base, exponent) = (node.tensor(0)?, node.tensor(1)?);
    let shape =
        ints::common_shape(&node.shape(base), &node.shape(exponent)).map_err(|reason| node.error(reason))?;
    let y = match (number(node, base), number(node, exponent)) {
        (_, Some(p)) => constant_power(node, base, f64::from(p))?,
        (Some(c), None) if c > 0.0 => {
            let slope = node.push_number(c.ln())?;
            let argument = node.push(FloatOp::Mul, &[exponent, slope])?;
            function(node, &Function::EXP, argument)?
        }
        _ => {
            return Err(node.error(
                "expected a constant exponent that is the same for all elements, or a constant base above 0",
            ));
        }
    };
    match node.shape(y) == shape {
        true => Ok(Value::Node(y)),
        false => node.push(FloatOp::Broadcast { shape }, &[y]).map(Value::Node),
    }
}

/// `x^p`: products for whole exponents, roots for halves, and `e^(p log x)` for others.
pub(super) fn constant_power(node: &mut Node<'_>, x: FloatId, p: f64) -> Result<FloatId> {
    if p.is_nan() || p.abs() > MAX_EXPONENT {
        return Err(node.error(format!(
            "expected an exponent of at most {MAX_EXPONENT} in magnitude, found {p}"
        )));
    }
    if (2.0 * p).fract() != 0.0 {
        let log = function(node, &Function::LOG, x)?;
        let factor = node.push_number(p as f32)?;
        let argument = node.push(FloatOp::Mul, &[log, factor])?;
        return function(node, &Function::EXP, argument);
    }
    if p == 0.0 {
        let shape = node.shape(x);
        return node.push_constant(FloatTensor::from_elem(IxDyn(&shape), 1.0));
    }
    // The factor of the half, and what the whole part multiplies.
    let half = p.fract() != 0.0;
    let (factor, root) = match (p < 0.0, half) {
        (false, false) => (x, None),
        (false, true) => (x, Some(function(node, &Function::SQRT, x)?)),
        (true, false) => (reciprocal(node, x)?, None),
        (true, true) => {
            let root = function(node, &Function::RSQRT, x)?;
            let square = match p == -0.5 {
                true => root,
                false => node.push(FloatOp::Mul, &[root, root])?,
            };
            (square, Some(root))
        }
    };
    let whole = p.abs().trunc() as u32;
    match root {
        Some(root) if whole == 0 => Ok(root),
        Some(root) => {
            let power = whole_power(node, factor, whole)?;
            node.push(FloatOp::Mul, &[power, root])
        }
        None => whole_power(node, factor, whole),
    }
}

/// `x^n` for `n >= 1`, by squaring.
fn whole_power(node: &mut Node<'_>, x: FloatId, n: u32) -> Result<FloatId> {
    let mut power = x;
    for bit in (0..n.ilog2()).rev() {
        power = node.push(FloatOp::Mul, &[power, power])?;
        if n >> bit & 1 == 1 {
            power = node.push(FloatOp::Mul, &[power, x])?;
        }
    }
    Ok(power)
}
