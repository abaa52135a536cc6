//! Measures the finished model for its report.

use super::{
    calibrate::Calibrated,
    evaluate::{Errors, errors, output_ranges, run},
    lower::{Lowered, Setting},
};
use crate::{
    error::Result,
    execute::Trace,
    fixed_point::dequantize,
    float::FloatTensor,
    graph::NodeId,
    ops::ResultRange,
    reach,
    report::{Beyond, LayerReport, Report},
    tensor::first_largest,
};
use std::collections::BTreeSet;

/// Number of calibration inputs on which layers are compared.
const LAYER_INPUTS: usize = 32;

pub(super) fn report(
    setting: &Setting<'_>,
    lowered: &Lowered,
    calibration: &[Vec<FloatTensor>],
    calibrated: &Calibrated,
) -> Result<Report> {
    let ranges = output_ranges(setting.graph, &calibrated.outputs);
    let mut all = Errors::default();
    let escapes = reach::escapes(&lowered.graph, &lowered.params())?;
    let escaping = escapes.iter().map(|escape| escape.node).collect();
    let mut layers = layers(setting, lowered, &escaping);
    let mut layer_errors = vec![Errors::default(); layers.len()];
    let (mut agreeing, mut classified) = (0, 0);
    for (number, (inputs, expected)) in calibration.iter().zip(&calibrated.outputs).enumerate() {
        let trace = run(lowered, inputs, setting.options.saturate)?;
        all.add(&errors(lowered, &trace, expected, &ranges));
        let (same, of) = agreement(lowered, &trace, expected);
        agreeing += same;
        classified += of;
        if number < LAYER_INPUTS {
            compare(setting, lowered, inputs, &trace, &layers, &mut layer_errors)?;
        }
    }
    for (layer, errors) in layers.iter_mut().zip(layer_errors) {
        if errors.count > 0 {
            layer.worst_error = Some(errors.worst);
            layer.mean_error = Some(errors.mean());
        }
    }
    Ok(Report {
        lane_bits: setting.options.lane_bits,
        accuracy_target: setting.options.accuracy,
        calibration_inputs: calibration.len(),
        worst_error: all.worst,
        mean_error: all.mean(),
        argmax_agreement: (classified > 0).then(|| agreeing as f64 / classified as f64),
        escapes: escapes.len(),
        layers,
    })
}

fn layers(setting: &Setting<'_>, lowered: &Lowered, escaping: &BTreeSet<NodeId>) -> Vec<LayerReport> {
    let graph = &lowered.graph;
    let rows = graph.nodes.iter().enumerate().filter_map(|(index, node)| {
        let ResultRange {
            limbs,
            unsigned,
            clamps,
            shift,
        } = node.op.result()?;
        let (lo, hi) = match unsigned {
            true => (0, (1i64 << (u32::from(limbs) * graph.lane_bits)) - 1),
            false => graph.signed_range(limbs),
        };
        let id = NodeId(index as u32);
        let range = lowered
            .origins
            .get(&id)
            .map(|origin| setting.ranges[origin.0])
            .map(|range| (range.min, range.max));
        let (lo, hi) = (dequantize(lo, node.scale), dequantize(hi, node.scale));
        let headroom = range.map(|(min, max)| {
            let above = if max > 0.0 { hi / max } else { f64::INFINITY };
            let below = if min < 0.0 && lo < 0.0 {
                lo / min
            } else {
                f64::INFINITY
            };
            above.min(below).log2().min(99.0)
        });
        Some(LayerReport {
            node: id,
            name: node.name.clone(),
            op: node.op.name().to_string(),
            shape: node.shape.clone(),
            scale: node.scale,
            limbs,
            shift,
            calibrated: range,
            representable: (lo, hi),
            headroom_bits: headroom,
            beyond: match () {
                () if escaping.contains(&id) => Beyond::Refused,
                () if lowered.widened.contains(&id) => Beyond::Widened,
                () if clamps => Beyond::Clamped,
                () => Beyond::Impossible,
            },
            worst_error: None,
            mean_error: None,
        })
    });
    rows.collect()
}

/// Adds the errors of the layers that have a float counterpart on one set of inputs.
fn compare(
    setting: &Setting<'_>,
    lowered: &Lowered,
    inputs: &[FloatTensor],
    trace: &Trace,
    layers: &[LayerReport],
    errors: &mut [Errors],
) -> Result<()> {
    let expected = setting.graph.run_all(inputs)?;
    for (layer, errors) in layers.iter().zip(errors) {
        let Some(&origin) = lowered.origins.get(&layer.node) else {
            continue;
        };
        let values = trace.values[layer.node.index()].data();
        for (&q, &x) in values.iter().zip(expected.value(origin)) {
            errors.include((dequantize(q, layer.scale) - f64::from(x)).abs());
        }
    }
    Ok(())
}

/// Rows of two-dimensional outputs whose largest element is at the same place, and all such rows.
fn agreement(lowered: &Lowered, trace: &Trace, expected: &[FloatTensor]) -> (usize, usize) {
    let (mut agreeing, mut all) = (0, 0);
    for (tensor, expected) in trace.outputs(&lowered.graph).zip(expected) {
        let [_, classes @ (2..)] = *tensor.shape() else {
            continue;
        };
        let expected: Vec<f32> = expected.iter().copied().collect();
        for (row, expected) in tensor.data().chunks(classes).zip(expected.chunks(classes)) {
            all += 1;
            agreeing += usize::from(first_largest(row) == first_largest(expected));
        }
    }
    (agreeing, all)
}
