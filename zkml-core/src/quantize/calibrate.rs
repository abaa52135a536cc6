//! Ranges of all float values on the calibration data.

use super::plan::Plan;
use crate::{
    error::{Error, Result},
    float::{FloatGraph, FloatId, FloatOp, FloatPort, FloatTensor, window_extremes},
};
use rayon::prelude::*;

/// The values that a node takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub min: f64,
    pub max: f64,
    /// Largest difference within a pooling window, before the rectifier (poolings only).
    pub spread: f64,
    /// Largest absolute value of a window's maximum, before the rectifier (poolings only).
    pub peak: f64,
}

impl Range {
    const EMPTY: Range = Range {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        spread: 0.0,
        peak: 0.0,
    };

    /// Largest absolute value.
    pub(super) fn magnitude(&self) -> f64 {
        self.min.abs().max(self.max.abs())
    }

    fn include(&mut self, tensor: &FloatTensor) {
        for &x in tensor {
            self.min = self.min.min(f64::from(x));
            self.max = self.max.max(f64::from(x));
        }
    }

    fn join(&mut self, other: &Range) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.spread = self.spread.max(other.spread);
        self.peak = self.peak.max(other.peak);
    }
}

/// What calibration yields.
#[derive(Debug)]
pub(super) struct Calibrated {
    /// Range of each node.
    pub ranges: Vec<Range>,
    /// The float outputs for each set of inputs.
    pub outputs: Vec<Vec<FloatTensor>>,
}

/// Runs the network on all calibration inputs.
///
/// # Errors
///
/// Those of [`FloatGraph::run_all`]; [`Error::Quantize`] names the node that yields NaN or an infinity.
pub(super) fn calibrate(
    graph: &FloatGraph,
    plan: &Plan,
    calibration: &[Vec<FloatTensor>],
) -> Result<Calibrated> {
    // Constants are the same in every run, and most of the numbers.
    let mut ranges = vec![Range::EMPTY; graph.nodes.len()];
    for (index, range) in ranges.iter_mut().enumerate() {
        if let Some(value) = graph.constant_value(FloatId(index)) {
            include(graph, index, value, range)?;
        }
    }
    let run = |inputs: &Vec<FloatTensor>| calibrate_one(graph, plan, inputs);
    let runs = calibration.par_iter().map(run).collect::<Result<Vec<_>>>()?;
    let mut outputs = Vec::with_capacity(runs.len());
    for (found, output) in runs {
        ranges
            .iter_mut()
            .zip(&found)
            .for_each(|(range, found)| range.join(found));
        outputs.push(output);
    }
    Ok(Calibrated { ranges, outputs })
}

/// The ranges of all nodes but constants on one set of inputs, and the outputs.
fn calibrate_one(
    graph: &FloatGraph,
    plan: &Plan,
    inputs: &[FloatTensor],
) -> Result<(Vec<Range>, Vec<FloatTensor>)> {
    let mut ranges = vec![Range::EMPTY; graph.nodes.len()];
    let run = graph.run_all(inputs)?;
    for (index, (node, range)) in graph.nodes.iter().zip(&mut ranges).enumerate() {
        if matches!(node.op, FloatOp::Constant(_)) {
            continue;
        }
        include(graph, index, run.value(FloatId(index)), range)?;
        if let (FloatOp::MaxPool { window }, Some(pooling)) = (&node.op, &plan.poolings[index]) {
            let (min, max) = window_extremes(run.value(pooling.source), window, &node.shape);
            for (&min, &max) in min.iter().zip(max.iter()) {
                range.spread = range.spread.max(f64::from(max) - f64::from(min));
                range.peak = range.peak.max(f64::from(max.abs()));
            }
        }
    }
    let output = |port: &FloatPort| run.value(port.node).clone();
    Ok((ranges, graph.outputs.iter().map(output).collect()))
}

/// Extends a range by the values of a node.
fn include(graph: &FloatGraph, index: usize, value: &FloatTensor, range: &mut Range) -> Result<()> {
    if let Some(x) = value.iter().find(|x| !x.is_finite()) {
        let node = &graph.nodes[index];
        return Err(Error::Quantize {
            reason: format!(
                "node `{}` ({}) yields {x} on the calibration data",
                node.name,
                node.op.name()
            ),
        });
    }
    range.include(value);
    Ok(())
}
