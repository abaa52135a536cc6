//! Magnitude: `|x|`.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[Operator::one("Magnitude", import, "Magnitude")];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    node.push(FloatOp::Magnitude, &[x]).map(Value::Node)
}
