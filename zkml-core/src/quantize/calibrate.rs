//! Ranges of all float values on the calibration data.

use super::plan::Plan;
use crate::{
    error::{Error, Result},
    float::{FloatGraph, FloatId, FloatOp, FloatTensor, window_extremes},
};

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
}

/// What calibration yields.
#[derive(Debug)]
pub(super) struct Calibrated {
    /// Range of each node.
    pub ranges: Vec<Range>,
    /// The float outputs for each set of inputs.
    pub outputs: Vec<Vec<FloatTensor>>,
}

pub(super) fn calibrate(
    graph: &FloatGraph,
    plan: &Plan,
    calibration: &[Vec<FloatTensor>],
) -> Result<Calibrated> {
    let mut ranges = vec![Range::EMPTY; graph.nodes.len()];
    let mut outputs = Vec::with_capacity(calibration.len());
    for inputs in calibration {
        let run = graph.run_all(inputs)?;
        for (index, node) in graph.nodes.iter().enumerate() {
            let value = run.value(FloatId(index));
            if let Some(x) = value.iter().find(|x| !x.is_finite()) {
                return Err(Error::Quantize {
                    reason: format!(
                        "node `{}` ({}) yields {x} on the calibration data",
                        node.name,
                        node.op.name()
                    ),
                });
            }
            let range = &mut ranges[index];
            range.include(value);
            if let (FloatOp::MaxPool { window }, Some(pooling)) = (&node.op, &plan.poolings[index]) {
                let (min, max) = window_extremes(run.value(pooling.source), window, &node.shape);
                for (&min, &max) in min.iter().zip(max.iter()) {
                    range.spread = range.spread.max(f64::from(max) - f64::from(min));
                    range.peak = range.peak.max(f64::from(max.abs()));
                }
            }
        }
        outputs.push(
            graph
                .outputs
                .iter()
                .map(|port| run.value(port.node).clone())
                .collect(),
        );
    }
    Ok(Calibrated { ranges, outputs })
}
