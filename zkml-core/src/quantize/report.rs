//! Measures the finished model for its report.

use super::{
    calibrate::Calibrated,
    evaluate::{errors, output_ranges},
    inputs::quantize_inputs,
    lower::{Lowered, Setting},
};
use crate::{
    error::Result,
    execute::execute,
    fixed_point::dequantize,
    float::FloatTensor,
    graph::{Op, Shift},
    report::{LayerReport, Report},
};

/// Number of calibration inputs on which layers are compared.
const LAYER_INPUTS: usize = 32;

pub(super) fn report(
    setting: &Setting<'_>,
    lowered: &Lowered,
    calibration: &[Vec<FloatTensor>],
    calibrated: &Calibrated,
) -> Result<Report> {
    let ranges = output_ranges(setting.graph, &calibrated.outputs);
    let saturate = setting.options.saturate;
    let (mut worst, mut sum, mut count) = (0.0f64, 0.0, 0usize);
    for (inputs, expected) in calibration.iter().zip(&calibrated.outputs) {
        let errors = errors(lowered, inputs, expected, &ranges, saturate)?;
        worst = worst.max(errors.worst);
        sum += errors.sum;
        count += errors.count;
    }
    let mut layers = layers(setting, lowered);
    compare(
        setting,
        lowered,
        &calibration[..calibration.len().min(LAYER_INPUTS)],
        &mut layers,
    )?;
    let (agreeing, classified) = agreement(lowered, calibration, calibrated, saturate)?;
    Ok(Report {
        lane_bits: setting.options.lane_bits,
        accuracy_target: setting.options.accuracy,
        calibration_inputs: calibration.len(),
        worst_error: worst,
        mean_error: if count == 0 { 0.0 } else { sum / count as f64 },
        argmax_agreement: (classified > 0).then(|| agreeing as f64 / classified as f64),
        layers,
    })
}

fn layers(setting: &Setting<'_>, lowered: &Lowered) -> Vec<LayerReport> {
    let graph = &lowered.graph;
    let rows = graph.nodes.iter().enumerate().filter_map(|(index, node)| {
        let bits = |limbs: u8| u32::from(limbs) * graph.lane_bits;
        let mut unsigned = false;
        let (limbs, shift) = match &node.op {
            Op::Input { limbs } | Op::Clip { limbs, .. } | Op::DivConst { limbs, .. } => (*limbs, None),
            Op::Mul { limbs, shift, .. } => (*limbs, Some(*shift)),
            Op::Rescale { limbs, relu, shift }
            | Op::Max {
                limbs, relu, shift, ..
            } => {
                unsigned = *relu;
                (*limbs, Some(largest(shift)))
            }
            Op::Div { limbs, .. } => {
                unsigned = true;
                (*limbs, None)
            }
            Op::Lut(table) => (table.limbs, None),
            _ => return None,
        };
        let (lo, hi) = if unsigned {
            (0, (1i64 << bits(limbs)) - 1)
        } else {
            graph.signed_range(limbs)
        };
        let id = crate::graph::NodeId(index as u32);
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
            worst_error: None,
            mean_error: None,
        })
    });
    rows.collect()
}

fn largest(shift: &Shift) -> u32 {
    match shift {
        Shift::Uniform(shift) => *shift,
        Shift::PerAxis { shifts, .. } => shifts.iter().copied().max().unwrap_or(0),
    }
}

/// Fills in the errors of the layers that have a float counterpart.
fn compare(
    setting: &Setting<'_>,
    lowered: &Lowered,
    calibration: &[Vec<FloatTensor>],
    layers: &mut [LayerReport],
) -> Result<()> {
    let mut sums = vec![(0.0f64, 0.0f64, 0usize); layers.len()];
    for inputs in calibration {
        let run = setting.graph.run_all(inputs)?;
        let quantized = quantize_inputs(&lowered.graph, inputs, setting.options.saturate)?;
        let trace = execute(&lowered.graph, &lowered.params, &quantized)?;
        for (layer, (worst, sum, count)) in layers.iter().zip(&mut sums) {
            let Some(&origin) = lowered.origins.get(&layer.node) else {
                continue;
            };
            let expected = run.value(origin);
            let values = &trace.values[layer.node.index()];
            for (&q, &x) in values.data().iter().zip(expected) {
                let error = (dequantize(q, layer.scale) - f64::from(x)).abs();
                *worst = worst.max(error);
                *sum += error;
                *count += 1;
            }
        }
    }
    for (layer, (worst, sum, count)) in layers.iter_mut().zip(sums) {
        if count > 0 {
            layer.worst_error = Some(worst);
            layer.mean_error = Some(sum / count as f64);
        }
    }
    Ok(())
}

/// Rows of two-dimensional outputs whose largest element is at the same place, and all such rows.
fn agreement(
    lowered: &Lowered,
    calibration: &[Vec<FloatTensor>],
    calibrated: &Calibrated,
    saturate: bool,
) -> Result<(usize, usize)> {
    let is_classifier = |shape: &[usize]| shape.len() == 2 && shape[1] > 1;
    let outputs = &lowered.graph.outputs;
    if !outputs
        .iter()
        .any(|port| is_classifier(&lowered.graph.node(port.node).shape))
    {
        return Ok((0, 0));
    }
    let (mut agreeing, mut all) = (0, 0);
    for (inputs, expected) in calibration.iter().zip(&calibrated.outputs) {
        let quantized = quantize_inputs(&lowered.graph, inputs, saturate)?;
        let trace = execute(&lowered.graph, &lowered.params, &quantized)?;
        for (tensor, expected) in trace.outputs(&lowered.graph).zip(expected) {
            if !is_classifier(tensor.shape()) {
                continue;
            }
            let expected: Vec<f32> = expected.iter().copied().collect();
            let classes = tensor.shape()[1];
            for (row, expected) in tensor.data().chunks(classes).zip(expected.chunks(classes)) {
                all += 1;
                agreeing += usize::from(first_largest(row) == first_largest(expected));
            }
        }
    }
    Ok((agreeing, all))
}

fn first_largest<T: PartialOrd>(row: &[T]) -> usize {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best
}
