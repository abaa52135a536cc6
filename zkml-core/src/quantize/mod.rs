//! Quantisation: from a float graph and calibration data to an integer graph with parameters.
//!
//! 1. [`calibrate`] runs the float graph on the calibration data and records each node's range.
//! 2. [`lower`] turns the float graph into an integer graph for one choice of widths.
//! 3. [`search`] looks for the cheapest widths that meet the accuracy target, by running the
//!    integer graph against the float graph.

mod calibrate;
mod evaluate;
mod gates;
mod inputs;
mod lower;
mod plan;
mod report;
mod search;
mod tables;
mod weights;
mod widths;

pub use inputs::{dequantize_outputs, quantize_inputs};

use crate::{
    error::{Error, Result},
    float::{FloatGraph, FloatTensor},
    graph::{Graph, Params},
    report::Report,
};

/// How a network is quantised.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantizeOptions {
    /// Width of a limb in bits: 8 to 16.
    pub lane_bits: u32,
    /// Largest error of an output on the calibration data, relative to the range of that output.
    pub accuracy: f64,
    /// Return the most accurate model found instead of an error where the target is out of reach.
    pub accept_error: bool,
    /// Clamp values outside the calibrated ranges instead of failing on them.
    pub saturate: bool,
    /// With `saturate`: the smallest and the largest value of the inputs, where they are known. Inputs outside are
    /// clamped to them, so that less can reach the values behind; without it, inputs have the range of their width,
    /// at least twice what the calibration data has.
    pub input_range: Option<(f64, f64)>,
    /// With `saturate`: prefer widths with which values are rounded in few ways. A circuit has a gate for each way, and
    /// a contract pays for each gate.
    pub few_gates: bool,
}

impl Default for QuantizeOptions {
    fn default() -> Self {
        QuantizeOptions {
            lane_bits: 12,
            accuracy: 2e-3,
            accept_error: false,
            saturate: false,
            input_range: None,
            few_gates: false,
        }
    }
}

/// A quantised network.
#[derive(Clone, Debug)]
pub struct Quantized {
    /// The architecture.
    pub graph: Graph,
    /// The weights.
    pub params: Params,
    /// Ranges and errors, for people.
    pub report: Report,
}

/// Quantises a network. Each element of `calibration` is one set of inputs.
///
/// # Errors
///
/// [`Error::Quantize`] for unusable options or calibration data, [`Error::Accuracy`] if no
/// choice of widths meets the target, and the errors of [`FloatGraph::run_all`].
#[tracing::instrument(level = "debug", name = "quantise", skip_all)]
pub fn quantize(
    graph: &FloatGraph,
    calibration: &[Vec<FloatTensor>],
    options: &QuantizeOptions,
) -> Result<Quantized> {
    let fail = |reason: String| Err(Error::Quantize { reason });
    if !(8..=16).contains(&options.lane_bits) {
        return fail(format!(
            "the lane width must be 8 to 16 bits, found {}",
            options.lane_bits
        ));
    }
    if options.accuracy.is_nan() || options.accuracy <= 0.0 {
        return fail(format!(
            "the accuracy target must be positive, found {}",
            options.accuracy
        ));
    }
    if let Some((lo, hi)) = options.input_range
        && !(lo.is_finite() && hi.is_finite() && lo < hi && options.saturate)
    {
        return fail(format!(
            "a range of the inputs takes two finite numbers, the smaller one first, and a model that saturates; found \
             {lo} and {hi}"
        ));
    }
    if calibration.is_empty() {
        return fail("there is no calibration data: give at least one input".into());
    }
    let plan = plan::Plan::new(graph);
    let calibrated = calibrate::calibrate(graph, &plan, calibration)?;
    let setting = lower::Setting {
        graph,
        plan: &plan,
        ranges: &calibrated.ranges,
        options,
        weights: weights::WeightCache::default(),
    };
    let lowered = search::search(&setting, calibration, &calibrated)?;
    let report = report::report(&setting, &lowered, calibration, &calibrated)?;
    if report.worst_error > options.accuracy && !options.accept_error {
        return Err(Error::Accuracy {
            achieved: report.worst_error,
            target: options.accuracy,
        });
    }
    drop(setting);
    Ok(Quantized {
        params: lowered.params(),
        graph: lowered.graph,
        report,
    })
}
