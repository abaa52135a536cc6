//! Operations that only move elements.

use crate::{float::FloatTensor, shape::element_count};
use ndarray::{Axis, IxDyn, SliceInfoElem};

pub(super) fn infer_reshape(x: &[usize], shape: &[usize]) -> Result<Vec<usize>, String> {
    if element_count(shape).is_some_and(|count| Some(count) == element_count(x)) {
        Ok(shape.to_vec())
    } else {
        Err(format!("a tensor of shape {x:?} cannot take the shape {shape:?}"))
    }
}

pub(super) fn reshape(x: &FloatTensor, shape: &[usize]) -> FloatTensor {
    x.to_shape(IxDyn(shape))
        .map(|view| view.into_owned())
        .unwrap_or_else(|_| x.clone())
}

pub(super) fn infer_broadcast(x: &[usize], shape: &[usize]) -> Result<Vec<usize>, String> {
    match super::binary::infer(x, shape) {
        Ok(common) if common == shape => Ok(common),
        _ => Err(format!("a tensor of shape {x:?} does not broadcast to {shape:?}")),
    }
}

pub(super) fn broadcast(x: &FloatTensor, shape: &[usize]) -> FloatTensor {
    x.broadcast(IxDyn(shape))
        .map_or_else(|| x.clone(), |view| view.to_owned())
}

pub(super) fn infer_transpose(x: &[usize], perm: &[usize]) -> Result<Vec<usize>, String> {
    let mut sorted = perm.to_vec();
    sorted.sort_unstable();
    if sorted.len() != x.len() || sorted.iter().enumerate().any(|(i, &axis)| i != axis) {
        return Err(format!(
            "perm {perm:?} is no permutation of the axes of shape {x:?}"
        ));
    }
    Ok(perm.iter().map(|&axis| x[axis]).collect())
}

pub(super) fn transpose(x: &FloatTensor, perm: &[usize]) -> FloatTensor {
    x.view()
        .permuted_axes(IxDyn(perm))
        .as_standard_layout()
        .into_owned()
}

pub(super) fn infer_slice(
    x: &[usize],
    starts: &[usize],
    steps: &[i64],
    shape: &[usize],
) -> Result<Vec<usize>, String> {
    let rank = x.len();
    let fits = starts.len() == rank
        && steps.len() == rank
        && shape.len() == rank
        && (0..rank).all(|axis| {
            let last = starts[axis] as i128 + (shape[axis] as i128 - 1) * i128::from(steps[axis]);
            steps[axis] != 0
                && shape[axis] >= 1
                && starts[axis] < x[axis]
                && (0..x[axis] as i128).contains(&last)
        });
    if fits {
        Ok(shape.to_vec())
    } else {
        Err(format!(
            "a slice of shape {shape:?} from {starts:?} by {steps:?} leaves the shape {x:?} or is empty"
        ))
    }
}

pub(super) fn slice(x: &FloatTensor, starts: &[usize], steps: &[i64], shape: &[usize]) -> FloatTensor {
    x.slice_each_axis(|axis| {
        let index = axis.axis.index();
        let (start, count) = (starts[index] as isize, shape[index] as isize);
        let step = if count == 1 { 1 } else { steps[index] as isize };
        let last = start + (count - 1) * step;
        // ndarray takes the range of elements and walks it backwards for negative steps.
        ndarray::Slice::new(start.min(last), Some(start.max(last) + 1), step)
    })
    .to_owned()
}

pub(super) fn infer_concat(inputs: &[&[usize]], axis: usize) -> Result<Vec<usize>, String> {
    let mut shape = inputs.first().ok_or("expected at least one input")?.to_vec();
    if axis >= shape.len() {
        return Err(format!("axis {axis} does not fit inputs of shape {shape:?}"));
    }
    shape[axis] = 0;
    for input in inputs {
        let same = input.len() == shape.len() && (0..shape.len()).all(|i| i == axis || input[i] == shape[i]);
        if !same {
            return Err(format!(
                "the inputs' shapes {inputs:?} differ in more than axis {axis}"
            ));
        }
        shape[axis] = shape[axis]
            .checked_add(input[axis])
            .ok_or("the result is too large")?;
    }
    Ok(shape)
}

pub(super) fn concat(inputs: &[&FloatTensor], axis: usize, shape: &[usize]) -> FloatTensor {
    let views: Vec<_> = inputs.iter().map(|x| x.view()).collect();
    ndarray::concatenate(Axis(axis), &views).unwrap_or_else(|_| FloatTensor::zeros(shape))
}

pub(super) fn infer_pad(x: &[usize], before: &[usize], after: &[usize]) -> Result<Vec<usize>, String> {
    if before.len() != x.len() || after.len() != x.len() {
        return Err(format!(
            "the padding {before:?}, {after:?} does not fit an input of shape {x:?}"
        ));
    }
    (0..x.len())
        .map(|axis| {
            x[axis]
                .checked_add(before[axis])
                .and_then(|length| length.checked_add(after[axis]))
                .ok_or_else(|| "the result is too large".to_string())
        })
        .collect()
}

pub(super) fn pad(x: &FloatTensor, before: &[usize], value: f32, shape: &[usize]) -> FloatTensor {
    let mut result = FloatTensor::from_elem(IxDyn(shape), value);
    let inner: Vec<SliceInfoElem> = before
        .iter()
        .zip(x.shape())
        .map(|(&start, &length)| SliceInfoElem::from(start..start + length))
        .collect();
    result.slice_mut(&inner[..]).assign(x);
    result
}

pub(super) fn infer_gather(x: &[usize], axis: usize, indices: &[usize]) -> Result<Vec<usize>, String> {
    let length = *x
        .get(axis)
        .ok_or_else(|| format!("axis {axis} does not fit an input of shape {x:?}"))?;
    if let Some(index) = indices.iter().find(|&&index| index >= length) {
        return Err(format!("index {index} is outside an axis of length {length}"));
    }
    let mut shape = x.to_vec();
    shape[axis] = indices.len();
    Ok(shape)
}

pub(super) fn gather(x: &FloatTensor, axis: usize, indices: &[usize]) -> FloatTensor {
    x.select(Axis(axis), indices)
}
