//! Normalisation over the last axes: `(x - mean) / sqrt(variance + epsilon) * scale + bias`, and without mean and bias.
//!
//! With `n` elements and `d = x - mean`, `1 / sqrt(variance + epsilon)` is `sqrt(n) r` for
//! `r = 1 / sqrt(sum d^2 + n epsilon)`. The sum of squares has no rounding before the square root, and `sqrt(n)` joins
//! the scale.

use super::{
    prelude::*,
    standardise::{self, PROOF, Standardised, standardise, unit_length},
};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::several("LayerNormalization", layer, PROOF).since(17),
    Operator::one(
        "RMSNormalization",
        root_mean_square,
        "LinComb, Rescale, MatMul, Clip, Lut, Mul",
    )
    .since(23),
];

/// The axis that rows begin at, the number of rows and the elements of each.
fn rows(node: &Node<'_>, shape: &[usize]) -> Result<(usize, usize, usize)> {
    let axis = node.attributes.int_or("axis", -1)?;
    let axis = node.axis(axis, shape.len())?;
    let (rows, row) = shape.split_at(axis);
    Ok((axis, rows.iter().product(), row.iter().product()))
}

fn layer(node: &mut Node<'_>) -> Result<Vec<Value>> {
    let epsilon = standardise::epsilon(node)?;
    standardise::stash_type(node)?;
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let (axis, rows, n) = rows(node, &shape)?;
    let mut statistics = shape.clone();
    statistics[axis..].fill(1);

    let flat = node.reshape(x, vec![rows, n])?;
    let Standardised { unit, mean, inverse } = standardise(node, flat, n, epsilon)?;
    let unit = node.reshape(unit, shape.clone())?;

    let scale = node.tensor(1)?;
    let scale = standardise::scale(node, scale, n)?;
    let mut y = node.push(FloatOp::Mul, &[unit, scale])?;
    if node.has(2) {
        let bias = node.tensor(2)?;
        y = node.push(FloatOp::Add, &[y, bias])?;
    }
    if node.shape(y) != shape {
        return Err(standardise::widens(node, y, &shape));
    }
    let root = node.push_number((n as f64).sqrt() as f32)?;
    let inverse = node.push(FloatOp::Mul, &[inverse, root])?;
    let (mean, inverse) = (
        node.reshape(mean, statistics.clone())?,
        node.reshape(inverse, statistics)?,
    );
    Ok([y, mean, inverse].map(Value::Node).to_vec())
}

/// `x / sqrt(mean of x^2 + epsilon) * scale`.
fn root_mean_square(node: &mut Node<'_>) -> Result<Value> {
    let epsilon = standardise::epsilon(node)?;
    standardise::stash_type(node)?;
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let (_, rows, n) = rows(node, &shape)?;
    let flat = node.reshape(x, vec![rows, n])?;
    let (unit, _) = unit_length(node, flat, epsilon * n as f64)?;
    let unit = node.reshape(unit, shape.clone())?;
    let scale = node.tensor(1)?;
    let scale = standardise::scale(node, scale, n)?;
    let y = node.push(FloatOp::Mul, &[unit, scale])?;
    match node.shape(y) == shape {
        true => Ok(Value::Node(y)),
        false => Err(standardise::widens(node, y, &shape)),
    }
}
