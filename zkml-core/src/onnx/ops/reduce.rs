//! Reductions along axes.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("ArgMax", arg_max, "ArgMax").limits("`select_last_index` is 0"),
    Operator::one(
        "ReduceMean",
        |node| reduce(node, |axes| FloatOp::ReduceMean { axes }),
        "ReduceSum, DivConst; no DivConst for powers of two",
    )
    .limits("the axes are constant"),
    Operator::one(
        "ReduceSum",
        |node| reduce(node, |axes| FloatOp::ReduceSum { axes }),
        "ReduceSum",
    )
    .limits("the axes are constant"),
];

/// Drops the axes of length 1 that a reduction leaves, unless `keepdims`.
fn finish(node: &mut Node<'_>, y: FloatId, axes: &[usize], keepdims: bool) -> Result<Value> {
    if keepdims {
        return Ok(Value::Node(y));
    }
    let shape = node.shape(y);
    let kept = (0..shape.len())
        .filter(|axis| !axes.contains(axis))
        .map(|axis| shape[axis])
        .collect();
    node.reshape(y, kept).map(Value::Node)
}

/// Axes are an attribute in older operator sets and an input in newer ones.
fn reduce(node: &mut Node<'_>, op: fn(Vec<usize>) -> FloatOp) -> Result<Value> {
    let x = node.tensor(0)?;
    let rank = node.shape(x).len();
    let keepdims = node.attributes.flag("keepdims", true)?;
    let noop = node.attributes.flag("noop_with_empty_axes", false)?;
    let axes = match node.axes_option(1)? {
        Some(axes) if !axes.is_empty() => node.axes(&axes, rank)?,
        _ if noop => return Ok(Value::Node(x)),
        _ => (0..rank).collect(),
    };
    if axes.is_empty() {
        return Ok(Value::Node(x)); // a scalar
    }
    let y = node.push(op(axes.clone()), &[x])?;
    finish(node, y, &axes, keepdims)
}

fn arg_max(node: &mut Node<'_>) -> Result<Value> {
    node.attributes.require("select_last_index", 0)?;
    let x = node.tensor(0)?;
    let keepdims = node.attributes.flag("keepdims", true)?;
    let axis = node.attributes.int_or("axis", 0)?;
    let axis = node.axis(axis, node.shape(x).len())?;
    let y = node.push(FloatOp::ArgMax { axis }, &[x])?;
    finish(node, y, &[axis], keepdims)
}
