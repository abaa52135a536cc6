//! Real inputs to integers, and integer outputs to real numbers.

use crate::{
    error::{Error, Result},
    execute::Trace,
    fixed_point::{dequantize, quantize_value},
    float::FloatTensor,
    graph::{Graph, Op},
    ops::Input,
    tensor::IntTensor,
};
use ndarray::IxDyn;

/// Quantises the inputs of a model, in its order. With `saturate`, values outside an input's
/// range become the nearest one inside; otherwise the executor refuses them.
///
/// # Errors
///
/// [`Error::InputCount`], [`Error::InputShape`], [`Error::NotFinite`] or [`Error::TooLarge`] for
/// inputs that do not fit.
pub fn quantize_inputs(graph: &Graph, inputs: &[FloatTensor], saturate: bool) -> Result<Vec<IntTensor>> {
    if inputs.len() != graph.inputs.len() {
        return Err(Error::InputCount {
            expected: graph.inputs.len(),
            found: inputs.len(),
        });
    }
    graph
        .inputs
        .iter()
        .zip(inputs)
        .map(|(port, tensor)| {
            let node = graph.node(port.node);
            if tensor.shape() != &node.shape[..] {
                return Err(Error::InputShape {
                    name: port.name.clone(),
                    expected: node.shape.clone(),
                    found: tensor.shape().to_vec(),
                });
            }
            let range = match node.op {
                Op::Input(Input { limbs }) if saturate => Some(graph.signed_range(limbs)),
                _ => None,
            };
            let quantize = |&x: &f32| -> Result<i64> {
                let mut x = f64::from(x);
                if let Some((lo, hi)) = range.filter(|_| !x.is_nan()) {
                    x = x.clamp(dequantize(lo, node.scale), dequantize(hi, node.scale));
                }
                quantize_value(x, node.scale)
            };
            let data = tensor.iter().map(quantize).collect::<Result<_>>()?;
            IntTensor::new(node.shape.clone(), data)
        })
        .collect()
}

/// The outputs of an execution as real numbers, in the model's order.
pub fn dequantize_outputs(graph: &Graph, trace: &Trace) -> Vec<FloatTensor> {
    graph
        .outputs
        .iter()
        .zip(trace.outputs(graph))
        .map(|(port, tensor)| real(tensor, graph.node(port.node).scale))
        .collect()
}

/// An integer tensor as real numbers.
pub(super) fn real(tensor: &IntTensor, scale: i32) -> FloatTensor {
    let values = tensor
        .data()
        .iter()
        .map(|&q| dequantize(q, scale) as f32)
        .collect();
    FloatTensor::from_shape_vec(IxDyn(tensor.shape()), values)
        .unwrap_or_else(|_| FloatTensor::zeros(IxDyn(tensor.shape())))
}
