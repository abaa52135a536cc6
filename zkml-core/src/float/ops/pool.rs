//! Pooling over sliding windows of `[n, c, h, w]` tensors.

use crate::{
    float::{FloatTensor, window_output},
    ops::{Divisor, Window2d},
};
use ndarray::IxDyn;

fn infer(x: &[usize], window: &Window2d) -> Result<Vec<usize>, String> {
    let &[n, c, h, w] = x else {
        return Err(format!("expected an input of rank 4, found shape {x:?}"));
    };
    let [oh, ow] = window_output(window, [h, w])?;
    Ok(vec![n, c, oh, ow])
}

pub(super) fn infer_average(x: &[usize], window: &Window2d, divisor: &Divisor) -> Result<Vec<usize>, String> {
    let shape = infer(x, window)?;
    let valid = match divisor {
        Divisor::Uniform(d) => *d >= 1,
        Divisor::PerElement(d) => d.len() == shape[2] * shape[3] && d.iter().all(|&d| d >= 1),
    };
    if valid {
        Ok(shape)
    } else {
        Err("every window must hold at least one element".into())
    }
}

pub(super) fn infer_max(x: &[usize], window: &Window2d) -> Result<Vec<usize>, String> {
    let shape = infer(x, window)?;
    for axis in 0..2 {
        for output in 0..shape[2 + axis] {
            let any = taps(window, axis, output, x[2 + axis]).next().is_some();
            if !any {
                return Err("every window must hold at least one element that is not padding".into());
            }
        }
    }
    Ok(shape)
}

/// Indices along an axis that the window at `output` covers, padding left out.
fn taps(window: &Window2d, axis: usize, output: usize, length: usize) -> impl Iterator<Item = usize> {
    let start = output * window.strides[axis];
    let (begin, dilation) = (window.pads_begin[axis], window.dilations[axis]);
    (0..window.kernel[axis])
        .filter_map(move |k| (start + k * dilation).checked_sub(begin))
        .filter(move |&index| index < length)
}

/// Folds each window with `f`.
fn fold(
    x: &FloatTensor,
    window: &Window2d,
    shape: &[usize],
    init: f32,
    f: impl Fn(f32, f32) -> f32,
) -> FloatTensor {
    let (h, w) = (x.shape()[2], x.shape()[3]);
    let (oh, ow) = (shape[2], shape[3]);
    let mut result = FloatTensor::from_elem(IxDyn(shape), init);
    let x = x.as_standard_layout();
    let (Some(x), Some(out)) = (x.as_slice(), result.as_slice_mut()) else {
        return result;
    };
    let columns: Vec<Vec<usize>> = (0..ow).map(|o| taps(window, 1, o, w).collect()).collect();
    for (x, out) in x.chunks(h * w).zip(out.chunks_mut(oh * ow)) {
        for oy in 0..oh {
            for y in taps(window, 0, oy, h) {
                for (ox, columns) in columns.iter().enumerate() {
                    for &column in columns {
                        let cell = &mut out[oy * ow + ox];
                        *cell = f(*cell, x[y * w + column]);
                    }
                }
            }
        }
    }
    result
}

pub(super) fn average(x: &FloatTensor, window: &Window2d, divisor: &Divisor, shape: &[usize]) -> FloatTensor {
    let mut result = fold(x, window, shape, 0.0, |a, b| a + b);
    let pixels = shape[2] * shape[3];
    for (index, value) in result.iter_mut().enumerate() {
        *value /= match divisor {
            Divisor::Uniform(d) => *d as f32,
            Divisor::PerElement(d) => d[index % pixels] as f32,
        };
    }
    result
}

pub(super) fn max(x: &FloatTensor, window: &Window2d, shape: &[usize]) -> FloatTensor {
    fold(x, window, shape, f32::NEG_INFINITY, f32::max)
}

/// Smallest and largest element of each window; padding takes no part.
pub(crate) fn window_extremes(
    x: &FloatTensor,
    window: &Window2d,
    shape: &[usize],
) -> (FloatTensor, FloatTensor) {
    (
        fold(x, window, shape, f32::INFINITY, f32::min),
        fold(x, window, shape, f32::NEG_INFINITY, f32::max),
    )
}
