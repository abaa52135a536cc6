//! Concatenation along an axis.

use super::prelude::*;
use crate::onnx::value::Ints;
use ndarray::Axis;

pub(super) const OPERATORS: &[Operator] = &[Operator::one("Concat", import, "Concat").and_shapes()];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let axis = node
        .attributes
        .int("axis")?
        .ok_or_else(|| node.attributes.error("axis", "it is required"))?;
    let values: Vec<Value> = (0..node.inputs.len())
        .map(|index| node.value(index))
        .collect::<Result<_>>()?;
    let ints: Option<Vec<&Ints>> = values.iter().map(Value::ints).collect();
    if let Some(ints) = ints {
        let rank = ints.first().map_or(0, |ints| ints.ndim());
        let axis = node.axis(axis, rank)?;
        let views: Vec<_> = ints.iter().map(|ints| ints.view()).collect();
        let result =
            ndarray::concatenate(Axis(axis), &views).map_err(|error| node.error(error.to_string()))?;
        return node.ints_value(result);
    }
    let tensors = (0..values.len())
        .map(|index| node.tensor(index))
        .collect::<Result<Vec<_>>>()?;
    let rank = tensors.first().map_or(0, |&id| node.shape(id).len());
    let axis = node.axis(axis, rank)?;
    if let [single] = tensors[..] {
        return Ok(Value::Node(single));
    }
    node.push(FloatOp::Concat { axis }, &tensors).map(Value::Node)
}
