//! The integer graph against the float graph.

use super::{inputs::quantize_inputs, lower::Lowered};
use crate::{
    error::Result,
    execute::Trace,
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

/// Differences between integers and what they stand for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Errors {
    pub worst: f64,
    pub sum: f64,
    pub count: usize,
}

impl Errors {
    pub(super) fn include(&mut self, error: f64) {
        self.worst = self.worst.max(error);
        self.sum += error;
        self.count += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.worst = self.worst.max(other.worst);
        self.sum += other.sum;
        self.count += other.count;
    }

    /// 0 without any.
    pub(super) fn mean(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / self.count as f64
        }
    }
}

/// Runs the integer graph on one set of inputs.
pub(super) fn run(lowered: &Lowered, inputs: &[FloatTensor], saturate: bool) -> Result<Trace> {
    let inputs = quantize_inputs(&lowered.graph, inputs, saturate)?;
    lowered.executor().run(&inputs)
}

/// Errors of one execution, relative to the outputs' ranges.
pub(super) fn errors(lowered: &Lowered, trace: &Trace, expected: &[FloatTensor], ranges: &[f64]) -> Errors {
    let mut errors = Errors::default();
    let outputs = lowered.graph.outputs.iter().zip(trace.outputs(&lowered.graph));
    for (((port, tensor), expected), &range) in outputs.zip(expected).zip(ranges) {
        if range == 0.0 {
            continue;
        }
        let scale = lowered.graph.node(port.node).scale;
        for (&q, &x) in tensor.data().iter().zip(expected) {
            errors.include((dequantize(q, scale) - f64::from(x)).abs() / range);
        }
    }
    errors
}
