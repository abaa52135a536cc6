//! Helpers for the tests of operations.

use super::range::RangeFault;
use crate::{
    graph::{Graph, Node, NodeId, Op},
    shape::{position, strides},
    tensor::IntTensor,
};

/// Tests compute with limbs of this many bits.
pub const LANE_BITS: u32 = 8;

/// Checks shapes and attributes as validation does, then evaluates.
pub fn try_eval(op: &Op, inputs: &[(&[usize], &[i64])], out: &[usize]) -> Result<Vec<i64>, RangeFault> {
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| input.0).collect();
    assert_eq!(super::infer_shape(op, &shapes, out).unwrap(), out);
    super::check_widths(op, LANE_BITS).unwrap();
    let tensors: Vec<IntTensor> = inputs
        .iter()
        .map(|(shape, data)| IntTensor::new(shape.to_vec(), data.to_vec()).unwrap())
        .collect();
    let node = Node {
        name: "test".into(),
        op: op.clone(),
        inputs: (0..inputs.len() as u32).map(NodeId).collect(),
        shape: out.to_vec(),
        scale: 0,
    };
    let graph = Graph {
        lane_bits: LANE_BITS,
        nodes: vec![],
        params: vec![],
        inputs: vec![],
        outputs: vec![],
    };
    super::eval(&graph, &node, &tensors.iter().collect::<Vec<_>>()).map(IntTensor::into_data)
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
