//! Permutation of the axes; without `perm` they reverse.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[Operator::one("Transpose", import, "Transpose")];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let rank = node.shape(x).len();
    let perm = match node.attributes.sizes("perm", rank)? {
        Some(perm) => perm,
        None => (0..rank).rev().collect(),
    };
    if perm.iter().enumerate().all(|(i, &axis)| i == axis) {
        return Ok(Value::Node(x));
    }
    node.push(FloatOp::Transpose { perm }, &[x]).map(Value::Node)
}
