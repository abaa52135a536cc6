//! Elementwise arithmetic with broadcasting, on tensors and on constant integers.

use super::prelude::*;
use crate::onnx::ints;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one(
        "Add",
        |node| binary(node, FloatOp::Add, i64::checked_add),
        "LinComb",
    )
    .and_shapes(),
    Operator::one(
        "Mul",
        |node| binary(node, FloatOp::Mul, i64::checked_mul),
        "Mul; LinComb for a constant number; Conv for one constant factor per channel of an image",
    )
    .and_shapes(),
    Operator::one("Neg", neg, "LinComb").and_shapes(),
    Operator::one(
        "Sub",
        |node| binary(node, FloatOp::Sub, i64::checked_sub),
        "LinComb",
    )
    .and_shapes(),
];

fn binary(node: &mut Node<'_>, op: FloatOp, on_ints: fn(i64, i64) -> Option<i64>) -> Result<Value> {
    if let (Value::Ints(a), Value::Ints(b)) = (node.value(0)?, node.value(1)?) {
        let result = ints::binary(&a, &b, on_ints).map_err(|reason| node.error(reason))?;
        return node.ints_value(result);
    }
    let (a, b) = (node.tensor(0)?, node.tensor(1)?);
    node.push(op, &[a, b]).map(Value::Node)
}

fn neg(node: &mut Node<'_>) -> Result<Value> {
    if let Value::Ints(x) = node.value(0)? {
        return node.ints_value(x.mapv(i64::wrapping_neg));
    }
    let x = node.tensor(0)?;
    node.push(FloatOp::Neg, &[x]).map(Value::Node)
}
