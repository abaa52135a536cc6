//! Elementwise operations on two tensors with NumPy broadcasting.

use crate::float::FloatTensor;
use ndarray::{IxDyn, Zip};

/// The common shape of two tensors.
pub(super) fn infer(left: &[usize], right: &[usize]) -> Result<Vec<usize>, String> {
    let rank = left.len().max(right.len());
    let length = |shape: &[usize], axis: usize| {
        (axis + shape.len())
            .checked_sub(rank)
            .map_or(1, |index| shape[index])
    };
    (0..rank)
        .map(|axis| match (length(left, axis), length(right, axis)) {
            (a, b) if a == b => Ok(a),
            (1, b) => Ok(b),
            (a, 1) => Ok(a),
            _ => Err(format!(
                "the shapes {left:?} and {right:?} do not broadcast together"
            )),
        })
        .collect()
}

pub(super) fn eval(
    left: &FloatTensor,
    right: &FloatTensor,
    shape: &[usize],
    f: fn(f32, f32) -> f32,
) -> FloatTensor {
    match (left.broadcast(IxDyn(shape)), right.broadcast(IxDyn(shape))) {
        (Some(left), Some(right)) => Zip::from(left).and(right).map_collect(|&a, &b| f(a, b)),
        // `infer` has ruled it out.
        _ => FloatTensor::from_elem(IxDyn(shape), f32::NAN),
    }
}
