//! The integer graph against the float graph.

use super::{inputs::quantize_inputs, lower::Lowered};
use crate::{
    error::Result,
    execute::execute,
    fixed_point::dequantize,
    float::{FloatGraph, FloatOp, FloatTensor},
};

/// Whether an output holds indices, for which a distance means nothing.
fn is_index(graph: &FloatGraph, output: usize) -> bool {
    let mut id = graph.outputs[output].node;
    while let FloatOp::Reshape { .. } = graph.node(id).op {
        id = graph.node(id).inputs[0];
    }
    matches!(graph.node(id).op, FloatOp::ArgMax { .. })
}

/// Range of each output over the calibration data; 0 for outputs of indices.
pub(super) fn output_ranges(graph: &FloatGraph, outputs: &[Vec<FloatTensor>]) -> Vec<f64> {
    (0..graph.outputs.len())
        .map(|output| {
            if is_index(graph, output) {
                return 0.0;
            }
            let values = || outputs.iter().flat_map(|run| &run[output]).map(|&x| f64::from(x));
            let (min, max) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), x| {
                (min.min(x), max.max(x))
            });
            // A constant output is measured against its magnitude.
            match (max - min, max.abs()) {
                (range, _) if range > 0.0 => range,
                (_, magnitude) if magnitude > 0.0 => magnitude,
                _ => 1.0,
            }
        })
        .collect()
}

/// Errors of one execution, relative to the outputs' ranges.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Errors {
    pub worst: f64,
    pub sum: f64,
    pub count: usize,
}

/// Runs the integer graph on one set of inputs.
pub(super) fn errors(
    lowered: &Lowered,
    inputs: &[FloatTensor],
    expected: &[FloatTensor],
    ranges: &[f64],
    saturate: bool,
) -> Result<Errors> {
    let inputs = quantize_inputs(&lowered.graph, inputs, saturate)?;
    let trace = execute(&lowered.graph, &lowered.params, &inputs)?;
    let mut errors = Errors::default();
    let outputs = lowered.graph.outputs.iter().zip(trace.outputs(&lowered.graph));
    for (((port, tensor), expected), &range) in outputs.zip(expected).zip(ranges) {
        if range == 0.0 {
            continue;
        }
        let scale = lowered.graph.node(port.node).scale;
        for (&q, &x) in tensor.data().iter().zip(expected) {
            let error = (dequantize(q, scale) - f64::from(x)).abs() / range;
            errors.worst = errors.worst.max(error);
            errors.sum += error;
            errors.count += 1;
        }
    }
    Ok(errors)
}
