//! The quantisation report: what a person wants to know about an integer model.

use crate::graph::NodeId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What becomes of a value outside the range of its tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// There is none: interval arithmetic over all inputs in range shows it.
    Impossible,
    /// There is none, since the range has a limb more than the calibration data asks for.
    Widened,
    /// It becomes the nearest value inside.
    Clamped,
    /// The input is refused. Interval arithmetic does not exclude that there is such an input.
    Refused,
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Beyond::Impossible => "none",
            Beyond::Widened => "widened",
            Beyond::Clamped => "clamped",
            Beyond::Refused => "refused",
        })
    }
}

/// One materialised tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerReport {
    /// The node of the integer graph.
    pub node: NodeId,
    /// Name of the ONNX node.
    pub name: String,
    /// The integer operation.
    pub op: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// An integer `q` stands for `q * 2^-scale`.
    pub scale: i32,
    /// Width.
    pub limbs: u8,
    /// Right shift of the operation, the largest where channels differ.
    pub shift: Option<u32>,
    /// Smallest and largest float value on the calibration data.
    pub calibrated: Option<(f64, f64)>,
    /// Smallest and largest value that the width can represent.
    pub representable: (f64, f64),
    /// By how many bits the calibrated values could grow.
    pub headroom_bits: Option<f64>,
    /// What becomes of values outside.
    pub beyond: Beyond,
    /// Largest distance from the float value.
    pub worst_error: Option<f64>,
    /// Mean distance from the float value.
    pub mean_error: Option<f64>,
}

/// The whole model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Width of a limb in bits.
    pub lane_bits: u32,
    /// The largest error that was asked for, relative to the range of the output.
    pub accuracy_target: f64,
    /// Number of calibration inputs.
    pub calibration_inputs: usize,
    /// Largest distance of an output from the float model, relative to that output's range.
    pub worst_error: f64,
    /// Mean distance of the outputs from the float model, relative to their ranges.
    pub mean_error: f64,
    /// For two-dimensional outputs: the part of the rows whose largest element is where it is
    /// in the float model.
    pub argmax_agreement: Option<f64>,
    /// Quantities that may leave their range on some input in range, which is then refused; 0 if every such input
    /// has an output.
    pub escapes: usize,
    /// Every materialised tensor.
    pub layers: Vec<LayerReport>,
}

/// The part of a name that fits a column: its end, which tells layers apart.
fn tail(name: &str, width: usize) -> String {
    let count = name.chars().count();
    name.chars().skip(count.saturating_sub(width)).collect()
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.2e}"))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<28} {:<8} {:<16} {:>5} {:>5} {:>5} {:>23} {:>23} {:>8} {:>8} {:>9} {:>9}",
            "layer",
            "op",
            "shape",
            "scale",
            "limbs",
            "shift",
            "calibrated",
            "representable",
            "headroom",
            "beyond",
            "worst",
            "mean"
        )?;
        for layer in &self.layers {
            let shape: Vec<String> = layer.shape.iter().map(ToString::to_string).collect();
            let range = |(lo, hi): (f64, f64)| format!("[{lo:.4}, {hi:.4}]");
            writeln!(
                f,
                "{:<28} {:<8} {:<16} {:>5} {:>5} {:>5} {:>23} {:>23} {:>8} {:>8} {:>9} {:>9}",
                tail(&layer.name, 28),
                layer.op,
                shape.join("x"),
                layer.scale,
                layer.limbs,
                layer.shift.map_or_else(|| "-".into(), |shift| shift.to_string()),
                layer.calibrated.map_or_else(|| "-".into(), range),
                range(layer.representable),
                layer
                    .headroom_bits
                    .map_or_else(|| "-".into(), |bits| format!("{bits:.1}")),
                layer.beyond,
                optional(layer.worst_error),
                optional(layer.mean_error),
            )?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "limbs of {} bits; {} calibration input(s)",
            self.lane_bits, self.calibration_inputs
        )?;
        writeln!(
            f,
            "error of the outputs relative to their range: worst {:.2e} (target {:.2e}), mean {:.2e}",
            self.worst_error, self.accuracy_target, self.mean_error
        )?;
        match self.escapes {
            0 => writeln!(f, "every input in range has an output")?,
            count => writeln!(
                f,
                "an input is refused if a value leaves its range, which {count} value(s) may"
            )?,
        }
        if let Some(agreement) = self.argmax_agreement {
            writeln!(f, "largest output in the same place: {:.2} %", 100.0 * agreement)?;
        }
        Ok(())
    }
}
