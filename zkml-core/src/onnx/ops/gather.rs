//! Gather with constant indices.

use super::prelude::*;
use crate::onnx::ints::MAX_INTS;
use ndarray::{Axis, IxDyn};

pub(super) const OPERATORS: &[Operator] = &[Operator::one("Gather", import, "Gather")
    .and_shapes()
    .limits("the indices are constant")];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let axis = node.attributes.int_or("axis", 0)?;
    let value = node.value(0)?;
    let shape = node.shape_of(&value);
    let axis = node.axis(axis, shape.len())?;
    let indices = node.ints(1)?;
    let length = shape[axis] as i64;
    let list: Option<Vec<usize>> = indices
        .iter()
        .map(|&index| {
            let absolute = if index < 0 {
                index.checked_add(length)?
            } else {
                index
            };
            usize::try_from(absolute).ok().filter(|_| absolute < length)
        })
        .collect();
    let list = list.ok_or_else(|| node.error(format!("an index is outside an axis of length {length}")))?;
    // The indices' shape takes the place of the axis.
    let result_shape = [&shape[..axis], indices.shape(), &shape[axis + 1..]].concat();
    match value {
        Value::Ints(ints) => {
            if ints.len().saturating_mul(list.len()) > MAX_INTS {
                return Err(node.error(format!("the result has more than {MAX_INTS} integers")));
            }
            let gathered = ints.select(Axis(axis), &list);
            let gathered = gathered
                .into_shape_with_order(IxDyn(&result_shape))
                .map_err(|error| node.error(error.to_string()))?;
            node.ints_value(gathered)
        }
        Value::Node(id) => {
            let gathered = node.push(FloatOp::Gather { axis, indices: list }, &[id])?;
            node.reshape(gathered, result_shape).map(Value::Node)
        }
    }
}
