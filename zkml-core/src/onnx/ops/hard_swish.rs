//! HardSwish: `x min(max(x / 6 + 1 / 2, 0), 1)`.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] =
    &[Operator::one("HardSwish", import, "LinComb, Rescale, Clip, Mul").since(14)];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let (slope, half) = (node.push_number(1.0 / 6.0)?, node.push_number(0.5)?);
    let scaled = node.push(FloatOp::Mul, &[x, slope])?;
    let shifted = node.push(FloatOp::Add, &[scaled, half])?;
    let gate = node.push(FloatOp::Clip { lo: 0.0, hi: 1.0 }, &[shifted])?;
    node.push(FloatOp::Mul, &[x, gate]).map(Value::Node)
}
