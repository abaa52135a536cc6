//! Matrix product with NumPy's rules for vectors and leading axes.

use super::prelude::*;
use crate::shape;

pub(super) const OPERATORS: &[Operator] = &[Operator::one("MatMul", import, "MatMul, Rescale")];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let (mut a, mut b) = (node.tensor(0)?, node.tensor(1)?);
    let (a_shape, b_shape) = (node.shape(a), node.shape(b));
    if a_shape.is_empty() || b_shape.is_empty() {
        return Err(node.error("a scalar cannot be multiplied as a matrix"));
    }
    if a_shape.len() == 1 {
        a = node.reshape(a, vec![1, a_shape[0]])?;
    }
    if b_shape.len() == 1 {
        b = node.reshape(b, vec![b_shape[0], 1])?;
    }
    (a, b) = align(node, a, b)?;
    let mut y = node.push(FloatOp::MatMul, &[a, b])?;
    if a_shape.len() == 1 || b_shape.len() == 1 {
        let mut shape = node.shape(y);
        if b_shape.len() == 1 {
            shape.pop();
        }
        if a_shape.len() == 1 {
            let row = shape.len() - if b_shape.len() == 1 { 1 } else { 2 };
            shape.remove(row);
        }
        y = node.reshape(y, shape)?;
    }
    Ok(Value::Node(y))
}

/// Broadcasts leading axes until they are equal, or the right side has none.
fn align(node: &mut Node<'_>, a: FloatId, b: FloatId) -> Result<(FloatId, FloatId)> {
    let (a_shape, b_shape) = (node.shape(a), node.shape(b));
    let (a_lead, a_matrix) = a_shape.split_at(a_shape.len() - 2);
    let (b_lead, b_matrix) = b_shape.split_at(b_shape.len() - 2);
    if b_lead.is_empty() || a_lead == b_lead {
        return Ok((a, b));
    }
    // One matrix that serves all: no copies of it.
    if b_lead.iter().all(|&length| length == 1) && a_lead.len() >= b_lead.len() {
        let b = node.reshape(b, b_matrix.to_vec())?;
        return Ok((a, b));
    }
    let lead = shape::broadcast(a_lead, b_lead).ok_or_else(|| {
        node.error(format!(
            "shapes {a_shape:?} and {b_shape:?} do not broadcast together"
        ))
    })?;
    let mut broadcast = |id: FloatId, matrix: &[usize]| {
        let shape = [&lead[..], matrix].concat();
        if node.shape(id) == shape {
            Ok(id)
        } else {
            node.push(FloatOp::Broadcast { shape }, &[id])
        }
    };
    Ok((broadcast(a, a_matrix)?, broadcast(b, b_matrix)?))
}
