//! Softmax and its logarithm, along one axis or (before operator set 13) over all axes from one on.

use super::{prelude::*, rows::Rows};
use crate::float::Function;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one(
        "LogSoftmax",
        logarithm,
        "Max, LinComb, Clip, Lut, ReduceSum, Rescale",
    ),
    Operator::one(
        "Softmax",
        import,
        "Max, LinComb, Clip, Lut, ReduceSum, Rescale, Div",
    ),
];

/// The axis, and whether the elements of all later axes belong to it.
fn axis(node: &Node<'_>, rank: usize) -> Result<(usize, bool)> {
    let flattens = node.opset < 13;
    let axis = node.attributes.int_or("axis", if flattens { 1 } else { -1 })?;
    Ok((node.axis(axis, rank)?, flattens))
}

fn import(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let (axis, flattens) = axis(node, shape.len())?;
    if !flattens || axis + 1 == shape.len() {
        return node.push(FloatOp::Softmax { axis }, &[x]).map(Value::Node);
    }
    let (rows, columns) = shape.split_at(axis);
    let flat = vec![rows.iter().product(), columns.iter().product()];
    let flat = node.reshape(x, flat)?;
    let y = node.push(FloatOp::Softmax { axis: 1 }, &[flat])?;
    node.reshape(y, shape).map(Value::Node)
}

/// With `d = x - max`: `d - log(sum e^d)`.
fn logarithm(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let (axis, flattens) = axis(node, shape.len())?;
    let axes: Vec<usize> = match flattens {
        true => (axis..shape.len()).collect(),
        false => vec![axis],
    };
    let rows = Rows::new(&shape, &axes);
    let flat = rows.flat(node, x)?;
    let largest = rows.largest(node, flat)?;
    let distance = node.push(FloatOp::Sub, &[flat, largest])?;
    let log = log_sum_exp(node, distance, rows.length)?;
    let y = node.push(FloatOp::Sub, &[distance, log])?;
    rows.unflat(node, y).map(Value::Node)
}

/// `log(sum e^d)` of each row of a matrix of `n` columns whose largest element is 0: the sum is from 1 to `n`, and the
/// clip only removes noise of the quantisation.
pub(super) fn log_sum_exp(node: &mut Node<'_>, distance: FloatId, n: usize) -> Result<FloatId> {
    let exponentials = node.push(FloatOp::Function(&Function::EXP), &[distance])?;
    let total = node.push(FloatOp::ReduceSum { axes: vec![1] }, &[exponentials])?;
    let clip = FloatOp::Clip {
        lo: 1.0,
        hi: n as f32,
    };
    let total = node.push(clip, &[total])?;
    node.push(FloatOp::Function(&Function::LOG), &[total])
}
