//! Softmax, along one axis or (before operator set 13) over all axes from one on.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[Operator::one(
    "Softmax",
    import,
    "Max, LinComb, Clip, Lut, ReduceSum, Rescale, Div",
)];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let flattens = node.opset < 13;
    let axis = node.attributes.int_or("axis", if flattens { 1 } else { -1 })?;
    let axis = node.axis(axis, shape.len())?;
    if !flattens || axis + 1 == shape.len() {
        return node.push(FloatOp::Softmax { axis }, &[x]).map(Value::Node);
    }
    let (rows, columns) = shape.split_at(axis);
    let flat = vec![rows.iter().product(), columns.iter().product()];
    let flat = node.reshape(x, flat)?;
    let y = node.push(FloatOp::Softmax { axis: 1 }, &[flat])?;
    node.reshape(y, shape).map(Value::Node)
}
