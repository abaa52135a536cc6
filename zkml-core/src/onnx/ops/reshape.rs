//! Operators that only change the shape.

use super::prelude::*;
use crate::shape::broadcast;
use ndarray::IxDyn;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("Expand", expand, "Broadcast")
        .since(8)
        .limits("the shape is constant"),
    Operator::one("Flatten", flatten, "Reshape").and_shapes(),
    Operator::one("Reshape", reshape, "Reshape")
        .and_shapes()
        .limits("the shape is constant"),
    Operator::one("Squeeze", squeeze, "Reshape")
        .and_shapes()
        .limits("the axes are constant"),
    Operator::one("Unsqueeze", unsqueeze, "Reshape")
        .and_shapes()
        .limits("the axes are constant"),
];

fn reshaped(node: &mut Node<'_>, value: Value, shape: Vec<usize>) -> Result<Value> {
    match value {
        Value::Ints(ints) => {
            let ints = ints
                .into_shape_with_order(IxDyn(&shape))
                .map_err(|error| node.error(error.to_string()))?;
            node.ints_value(ints)
        }
        Value::Node(id) => node.reshape(id, shape).map(Value::Node),
    }
}

/// 0 keeps an axis (unless `allowzero`), and one -1 takes what is left.
fn reshape(node: &mut Node<'_>) -> Result<Value> {
    let value = node.value(0)?;
    let old = node.shape_of(&value);
    let target = node.int_list(1)?;
    let allow_zero = node.attributes.flag("allowzero", false)?;
    let fail = || {
        node.error(format!(
            "a tensor of shape {old:?} cannot take the shape {target:?}"
        ))
    };
    let mut shape = Vec::with_capacity(target.len());
    let mut rest = None;
    for (axis, &length) in target.iter().enumerate() {
        shape.push(match length {
            -1 if rest.is_none() => {
                rest = Some(axis);
                1
            }
            0 if !allow_zero => *old.get(axis).ok_or_else(fail)?,
            length => usize::try_from(length).map_err(|_| fail())?,
        });
    }
    if let Some(axis) = rest {
        let known = shape
            .iter()
            .try_fold(1usize, |product, &length| product.checked_mul(length))
            .filter(|&known| known > 0)
            .ok_or_else(fail)?;
        shape[axis] = old.iter().product::<usize>() / known;
    }
    reshaped(node, value, shape)
}

fn flatten(node: &mut Node<'_>) -> Result<Value> {
    let value = node.value(0)?;
    let shape = node.shape_of(&value);
    let axis = node.attributes.int_or("axis", 1)?;
    // The rank itself is allowed: everything goes before.
    let axis = if axis == shape.len() as i64 {
        shape.len()
    } else {
        node.axis(axis, shape.len())?
    };
    let (rows, columns) = shape.split_at(axis);
    let flat = vec![rows.iter().product(), columns.iter().product()];
    reshaped(node, value, flat)
}

fn squeeze(node: &mut Node<'_>) -> Result<Value> {
    let value = node.value(0)?;
    let shape = node.shape_of(&value);
    let axes = match node.axes_option(1)? {
        Some(axes) => node.axes(&axes, shape.len())?,
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
    };
    if axes.iter().any(|&axis| shape[axis] != 1) {
        return Err(node.error(format!(
            "the axes {axes:?} of shape {shape:?} do not all have length 1"
        )));
    }
    let kept = (0..shape.len())
        .filter(|axis| !axes.contains(axis))
        .map(|axis| shape[axis])
        .collect();
    reshaped(node, value, kept)
}

fn unsqueeze(node: &mut Node<'_>) -> Result<Value> {
    let value = node.value(0)?;
    let shape = node.shape_of(&value);
    let axes = node
        .axes_option(1)?
        .ok_or_else(|| node.error("the axes are missing"))?;
    let rank = shape.len() + axes.len();
    let axes = node.axes(&axes, rank)?;
    let mut old = shape.into_iter();
    let result = (0..rank)
        .map(|axis| {
            if axes.contains(&axis) {
                1
            } else {
                old.next().unwrap_or(1)
            }
        })
        .collect();
    reshaped(node, value, result)
}

/// Broadcasting to a constant shape; both sides may widen the other.
fn expand(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let old = node.shape(x);
    let target: Option<Vec<usize>> = node
        .int_list(1)?
        .iter()
        .map(|&length| usize::try_from(length).ok())
        .collect();
    let target = target.ok_or_else(|| node.error("a length of the shape is negative"))?;
    let shape = broadcast(&old, &target)
        .ok_or_else(|| node.error(format!("shape {old:?} does not broadcast with {target:?}")))?;
    if shape == old {
        return Ok(Value::Node(x));
    }
    node.push(FloatOp::Broadcast { shape }, &[x]).map(Value::Node)
}
