//! Reductions along axes, which the output keeps with length 1.

use crate::{float::FloatTensor, tensor::first_largest};
use ndarray::Axis;

pub(super) fn infer(x: &[usize], axes: &[usize]) -> Result<Vec<usize>, String> {
    if axes.is_empty() || axes.iter().any(|&axis| axis >= x.len()) {
        return Err(format!("the axes {axes:?} do not fit an input of shape {x:?}"));
    }
    let mut shape = x.to_vec();
    for &axis in axes {
        shape[axis] = 1;
    }
    Ok(shape)
}

pub(super) fn sum(x: &FloatTensor, axes: &[usize]) -> FloatTensor {
    axes.iter().fold(x.clone(), |x, &axis| {
        x.sum_axis(Axis(axis)).insert_axis(Axis(axis))
    })
}

pub(super) fn mean(x: &FloatTensor, axes: &[usize]) -> FloatTensor {
    let count: usize = axes.iter().map(|&axis| x.shape()[axis]).product();
    sum(x, axes) / count as f32
}

pub(super) fn arg_max(x: &FloatTensor, axis: usize) -> FloatTensor {
    x.map_axis(Axis(axis), |lane| first_largest(lane.iter()) as f32)
        .insert_axis(Axis(axis))
}
