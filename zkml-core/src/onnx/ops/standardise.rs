//! Rows with mean 0 and variance 1, and rows of length 1: what normalising operators have in common.

use super::prelude::*;
use crate::{error::Error, float::Function};
use tract_onnx::pb::tensor_proto::DataType;

/// What a normalisation over rows becomes.
pub(super) const PROOF: &str = "ReduceSum, DivConst, LinComb, Rescale, MatMul, Clip, Lut, Mul";

/// A matrix with standardised rows, but for a factor.
pub(super) struct Standardised {
    /// `(x - mean) / sqrt(sum (x - mean)^2 + n epsilon)`: times `sqrt(n)` it has variance 1.
    pub unit: FloatId,
    /// The mean of each row.
    pub mean: FloatId,
    /// `1 / sqrt(sum (x - mean)^2 + n epsilon)`.
    pub inverse: FloatId,
}

/// Standardises the rows of a matrix of `n` columns.
pub(super) fn standardise(
    node: &mut Node<'_>,
    flat: FloatId,
    n: usize,
    epsilon: f64,
) -> Result<Standardised> {
    let mean = node.push(FloatOp::ReduceMean { axes: vec![1] }, &[flat])?;
    let distance = node.push(FloatOp::Sub, &[flat, mean])?;
    let (unit, inverse) = unit_length(node, distance, epsilon * n as f64)?;
    Ok(Standardised { unit, mean, inverse })
}

/// The rows of a matrix over `sqrt(sum of squares + floor)`, and 1 over that.
pub(super) fn unit_length(node: &mut Node<'_>, flat: FloatId, floor: f64) -> Result<(FloatId, FloatId)> {
    let mut squares = node.push(FloatOp::ReduceSumSquare { axes: vec![1] }, &[flat])?;
    if floor > 0.0 {
        let floor = node.push_number(floor as f32)?;
        squares = node.push(FloatOp::Add, &[squares, floor])?;
    }
    let inverse = node.push(FloatOp::Function(&Function::RSQRT), &[squares])?;
    let unit = node.push(FloatOp::Mul, &[flat, inverse])?;
    Ok((unit, inverse))
}

/// `epsilon`, which is not negative.
pub(super) fn epsilon(node: &Node<'_>) -> Result<f64> {
    let epsilon = node.attributes.float_or("epsilon", 1e-5)?;
    if epsilon < 0.0 {
        let reason = format!("expected a number that is not negative, found {epsilon}");
        return Err(node.attributes.error("epsilon", reason));
    }
    Ok(f64::from(epsilon))
}

/// The type that the specification computes the statistics in. Any float type stands for real numbers here.
pub(super) fn stash_type(node: &Node<'_>) -> Result<()> {
    let stash = node.attributes.int_or("stash_type", 1)?;
    let kind = i32::try_from(stash)
        .ok()
        .and_then(|kind| DataType::try_from(kind).ok());
    match kind {
        Some(DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16) => Ok(()),
        _ => Err(node
            .attributes
            .error("stash_type", format!("expected a float type, found {stash}"))),
    }
}

/// A scale times `sqrt(n)`: one number where all elements are equal, which takes no product of tensors.
pub(super) fn scale(node: &mut Node<'_>, scale: FloatId, n: usize) -> Result<FloatId> {
    let root = (n as f64).sqrt();
    let Some(values) = node.graph.constant_value(scale).cloned() else {
        let root = node.push_number(root as f32)?;
        return node.push(FloatOp::Mul, &[scale, root]);
    };
    let scaled = values.mapv(|value| (f64::from(value) * root) as f32);
    match scaled.first() {
        Some(&first) if scaled.iter().all(|&value| value == first) => node.push_number(first),
        _ => node.push_constant(scaled),
    }
}

/// The error of a scale or bias that widens what it scales.
pub(super) fn widens(node: &Node<'_>, y: FloatId, shape: &[usize]) -> Error {
    node.error(format!(
        "its scale and bias must broadcast to the input's shape {shape:?}, but they widen it to {:?}",
        node.shape(y)
    ))
}
