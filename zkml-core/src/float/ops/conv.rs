//! Two-dimensional convolution (cross-correlation), by products with unrolled windows.

use super::matmul::check_work;
use crate::{
    float::{FloatTensor, window_output},
    ops::Window2d,
    shape::element_count,
};
use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

pub(super) fn infer(
    x: &[usize],
    kernel: &[usize],
    window: &Window2d,
    groups: usize,
) -> Result<Vec<usize>, String> {
    let (&[n, c, h, w], &[o, c_group, kh, kw]) = (x, kernel) else {
        return Err(format!(
            "expected an input and a kernel of rank 4, found shapes {x:?} and {kernel:?}"
        ));
    };
    if groups == 0 || c % groups != 0 || o % groups != 0 || c / groups != c_group {
        return Err(format!(
            "{groups} groups do not split {c} input channels with a kernel of shape {kernel:?}"
        ));
    }
    if window.kernel != [kh, kw] {
        return Err(format!(
            "kernel_shape is {:?}, but the kernel has shape {kernel:?}",
            window.kernel
        ));
    }
    let [oh, ow] = window_output(window, [h, w])?;
    check_work(&[n, o, oh, ow, c_group, kh, kw])?;
    if element_count(&[c_group, kh, kw, oh, ow]).is_none() {
        return Err("the convolution is too large to unroll".into());
    }
    Ok(vec![n, o, oh, ow])
}

pub(super) fn eval(
    x: &FloatTensor,
    kernel: &FloatTensor,
    window: &Window2d,
    groups: usize,
    shape: &[usize],
) -> FloatTensor {
    let (c, h, w) = (x.shape()[1], x.shape()[2], x.shape()[3]);
    let (o, oh, ow) = (shape[1], shape[2], shape[3]);
    let (c_group, o_group) = (c / groups, o / groups);
    let [kh, kw] = window.kernel;
    let (k, pixels) = (c_group * kh * kw, oh * ow);
    let mut result = FloatTensor::zeros(shape);
    let (x, kernel) = (x.as_standard_layout(), kernel.as_standard_layout());
    let (Some(x), Some(kernel), Some(out)) = (x.as_slice(), kernel.as_slice(), result.as_slice_mut()) else {
        return result;
    };
    let mut columns = vec![0.0f32; k * pixels];
    for (index, out) in out.chunks_mut(o_group * pixels).enumerate() {
        let (image, group) = (index / groups, index % groups);
        let x = &x[(image * c + group * c_group) * h * w..][..c_group * h * w];
        for (row, column) in columns.chunks_mut(pixels).enumerate() {
            let (channel, ky, kx) = (row / (kh * kw), row / kw % kh, row % kw);
            for (pixel, value) in column.iter_mut().enumerate() {
                let y = (pixel / ow * window.strides[0] + ky * window.dilations[0])
                    .checked_sub(window.pads_begin[0]);
                let x_at = (pixel % ow * window.strides[1] + kx * window.dilations[1])
                    .checked_sub(window.pads_begin[1]);
                *value = match (y, x_at) {
                    (Some(y), Some(x_at)) if y < h && x_at < w => x[(channel * h + y) * w + x_at],
                    _ => 0.0,
                };
            }
        }
        let kernel = &kernel[group * o_group * k..][..o_group * k];
        if let (Ok(a), Ok(b), Ok(mut c)) = (
            ArrayView2::from_shape((o_group, k), kernel),
            ArrayView2::from_shape((k, pixels), &columns[..]),
            ArrayViewMut2::from_shape((o_group, pixels), out),
        ) {
            general_mat_mul(1.0, &a, &b, 0.0, &mut c);
        }
    }
    result
}
