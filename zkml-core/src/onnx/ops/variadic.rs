//! Sums, means and extremes of any number of tensors, with broadcasting.

use super::prelude::*;
use crate::onnx::ints;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one(
        "Max",
        |node| fold(node, max, |a, b| Some(a.max(b))),
        "Rescale with its rectifier, LinComb",
    )
    .and_shapes(),
    Operator::one("Mean", mean, "LinComb"),
    Operator::one(
        "Min",
        |node| fold(node, min, |a, b| Some(a.min(b))),
        "Rescale with its rectifier, LinComb",
    )
    .and_shapes(),
    Operator::one("Sum", |node| fold(node, sum, i64::checked_add), "LinComb").and_shapes(),
];

fn fold(
    node: &mut Node<'_>,
    on_tensors: fn(&mut Node<'_>, FloatId, FloatId) -> Result<FloatId>,
    on_ints: fn(i64, i64) -> Option<i64>,
) -> Result<Value> {
    let values: Vec<Value> = (0..node.inputs.len())
        .map(|index| node.value(index))
        .collect::<Result<_>>()?;
    let ints: Option<Vec<_>> = values
        .iter()
        .map(|value| match value {
            Value::Ints(ints) => Some(ints),
            Value::Node(_) => None,
        })
        .collect();
    if let Some([first, rest @ ..]) = ints.as_deref() {
        let mut result = (*first).clone();
        for other in rest {
            result = ints::binary(&result, other, on_ints).map_err(|reason| node.error(reason))?;
        }
        return node.ints_value(result);
    }
    let mut result = node.tensor(0)?;
    for index in 1..node.inputs.len() {
        let other = node.tensor(index)?;
        result = on_tensors(node, result, other)?;
    }
    Ok(Value::Node(result))
}

fn sum(node: &mut Node<'_>, a: FloatId, b: FloatId) -> Result<FloatId> {
    node.push(FloatOp::Add, &[a, b])
}

/// `a + max(b - a, 0)`.
fn max(node: &mut Node<'_>, a: FloatId, b: FloatId) -> Result<FloatId> {
    let above = node.push(FloatOp::Sub, &[b, a])?;
    let above = node.push(FloatOp::Relu, &[above])?;
    node.push(FloatOp::Add, &[a, above])
}

/// `a - max(a - b, 0)`.
fn min(node: &mut Node<'_>, a: FloatId, b: FloatId) -> Result<FloatId> {
    let above = node.push(FloatOp::Sub, &[a, b])?;
    let above = node.push(FloatOp::Relu, &[above])?;
    node.push(FloatOp::Sub, &[a, above])
}

fn mean(node: &mut Node<'_>) -> Result<Value> {
    let mut total = node.tensor(0)?;
    for index in 1..node.inputs.len() {
        let other = node.tensor(index)?;
        total = sum(node, total, other)?;
    }
    let share = node.push_number(1.0 / node.inputs.len() as f32)?;
    node.push(FloatOp::Mul, &[total, share]).map(Value::Node)
}
