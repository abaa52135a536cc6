//! Helpers for the tests of operations.

use super::{Op, range::RangeFault};
use crate::{
    shape::{position, strides},
    tensor::IntTensor,
};

/// Tests compute with limbs of this many bits.
pub const LANE_BITS: u32 = 8;

/// Checks shapes and attributes as validation does, then evaluates.
pub fn try_eval(op: &Op, inputs: &[(&[usize], &[i64])], out: &[usize]) -> Result<Vec<i64>, RangeFault> {
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| input.0).collect();
    assert_eq!(super::infer_shape(op, &shapes, out).unwrap(), out);
    op.operation().check_widths(LANE_BITS).unwrap();
    let tensors: Vec<IntTensor> = inputs
        .iter()
        .map(|(shape, data)| IntTensor::new(shape.to_vec(), data.to_vec()).unwrap())
        .collect();
    let tensors: Vec<&IntTensor> = tensors.iter().collect();
    op.operation()
        .eval(LANE_BITS, &tensors, out)
        .map(IntTensor::into_data)
}

/// Whether an operation takes inputs of these shapes.
pub fn takes(op: impl Into<Op>, inputs: &[&[usize]], declared: &[usize]) -> bool {
    super::infer_shape(&op.into(), inputs, declared).is_ok()
}

/// The result of an operation whose values are all in range.
pub fn eval(op: &Op, inputs: &[(&[usize], &[i64])], out: &[usize]) -> Vec<i64> {
    try_eval(op, inputs, out).unwrap()
}

/// A tensor whose elements are all different.
pub fn numbered(shape: &[usize]) -> Vec<i64> {
    (0..shape.iter().product::<usize>() as i64).collect()
}

/// All multi-indices of a shape in row-major order.
pub fn positions(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    (0..shape.iter().product()).map(|flat| position(shape, flat))
}

/// The element at a multi-index.
pub fn at(shape: &[usize], data: &[i64], index: &[usize]) -> i64 {
    data[index
        .iter()
        .zip(strides(shape))
        .map(|(i, stride)| i * stride)
        .sum::<usize>()]
}
