//! Elementwise operations on two tensors with NumPy broadcasting.

use crate::{float::FloatTensor, shape::broadcast};
use ndarray::{IxDyn, Zip};

/// The common shape of two tensors.
pub(super) fn infer(left: &[usize], right: &[usize]) -> Result<Vec<usize>, String> {
    broadcast(left, right)
        .ok_or_else(|| format!("the shapes {left:?} and {right:?} do not broadcast together"))
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
