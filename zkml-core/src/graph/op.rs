//! The closed set of integer operations.

use super::ParamId;
use serde::{Deserialize, Serialize};

/// Right shift of a rescale.
///
/// A shift by `s` computes `floor((x + 2^(s-1)) / 2^s)`, that is `x / 2^s` rounded half up;
/// a shift by 0 is the identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shift {
    /// The same shift for every element.
    Uniform(u32),
    /// One shift for each index along an axis of the input (a channel, say).
    PerAxis {
        /// The axis.
        axis: usize,
        /// One shift for each index.
        shifts: Vec<u32>,
    },
}

impl Shift {
    /// The largest shift.
    pub fn largest(&self) -> u32 {
        match self {
            Shift::Uniform(shift) => *shift,
            Shift::PerAxis { shifts, .. } => shifts.iter().copied().max().unwrap_or(0),
        }
    }
}

/// Divisor of a constant division: `floor((2 x + d) / (2 d))`, that is `x / d` rounded half up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Divisor {
    /// The same divisor, at least 1, for every element.
    Uniform(u32),
    /// One divisor for each element of the output, row-major (average pooling that leaves
    /// padding out of the count).
    PerElement(Vec<u32>),
}

impl Divisor {
    /// The largest divisor.
    pub fn largest(&self) -> u32 {
        match self {
            Divisor::Uniform(divisor) => *divisor,
            Divisor::PerElement(divisors) => divisors.iter().copied().max().unwrap_or(1),
        }
    }
}

/// A window that slides over the last two axes of a `[n, c, h, w]` tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window2d {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Steps along height and width.
    pub strides: [usize; 2],
    /// Padding before: top and left.
    pub pads_begin: [usize; 2],
    /// Padding after: bottom and right.
    pub pads_end: [usize; 2],
    /// Distance between kernel elements.
    pub dilations: [usize; 2],
}

/// The sets of elements that a maximum is taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MaxWindows {
    /// Max pooling; padding takes no part, and every window holds at least one element.
    Pool(Window2d),
    /// Maximum along one axis, which the output keeps with length 1.
    Axis(usize),
}

/// A function of one integer by table and linear interpolation.
///
/// For `x` in `[lo, lo + 2^(index_bits + fraction_bits))`, with
/// `u = x - lo`, `i = u >> fraction_bits`, `r = u mod 2^fraction_bits`:
///
/// `y = floor((values[i] * 2^f + slopes[i] * r + 2^(f-1)) / 2^f)` with `f = fraction_bits`,
/// and `y = values[i]` for `f = 0`.
///
/// All values and slopes, and `y`, lie in the signed range of `limbs` limbs.
/// `index_bits <= lane_bits` and `fraction_bits <= lane_bits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LutTable {
    /// Name of the function, for messages ("sigmoid").
    pub function: String,
    /// Smallest argument.
    pub lo: i64,
    /// The table has `2^index_bits` segments.
    pub index_bits: u32,
    /// A segment has `2^fraction_bits` arguments.
    pub fraction_bits: u32,
    /// Value at the start of each segment.
    pub values: Vec<i64>,
    /// Increase of the value over each segment.
    pub slopes: Vec<i64>,
    /// Width of values, slopes and results.
    pub limbs: u8,
}

/// How far a value may lie outside the range that it is clamped to, in limbs of `b` bits.
///
/// With results in `[lo, hi]`, the value lies in `[lo - (2^(below b) - 1), hi + (2^(above b) - 1)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Saturation {
    /// Limbs of the distance below the range; 0 if no value lies there.
    pub below: u8,
    /// Limbs of the distance above the range; 0 if no value lies there.
    pub above: u8,
}

/// [`Saturation`] of a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MaxSaturation {
    /// How far the maximum may lie outside.
    pub maximum: Saturation,
    /// Limbs of the distances from the maximum to the other elements of a window.
    pub spread: u8,
}

/// An integer operation. See [`crate::graph`] for the two kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    // ---- sources (materialised) ----
    /// An input of the model: signed, `limbs` limbs.
    Input {
        /// Width.
        limbs: u8,
    },
    /// A parameter tensor (a weight).
    Param {
        /// Which one.
        param: ParamId,
    },

    // ---- linear: views ----
    /// The same elements in row-major order under the node's shape. One input.
    Reshape,
    /// Axis `i` of the output is axis `perm[i]` of the input.
    Transpose {
        /// Permutation of the axes.
        perm: Vec<usize>,
    },
    /// `out[i_0, ...] = in[starts[0] + i_0 * steps[0], ...]`; steps may be negative.
    Slice {
        /// First index along each axis.
        starts: Vec<usize>,
        /// Step along each axis, not 0.
        steps: Vec<i64>,
    },
    /// The inputs one after the other along an axis.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// The input with `value` around it.
    Pad {
        /// Elements before, for each axis.
        before: Vec<usize>,
        /// Elements after, for each axis.
        after: Vec<usize>,
        /// The constant, at the node's scale.
        value: i64,
    },
    /// NumPy broadcasting of the input to the node's shape.
    Broadcast,
    /// `out[.., j, ..] = in[.., indices[j], ..]` along `axis`.
    Gather {
        /// The axis.
        axis: usize,
        /// Constant indices.
        indices: Vec<usize>,
    },

    // ---- linear: arithmetic ----
    /// `sum_j coefficients[j] * input_j + constant`, elementwise; all inputs have the node's shape.
    LinComb {
        /// One coefficient for each input.
        coefficients: Vec<i64>,
        /// Added to every element.
        constant: i64,
    },
    /// Sum over axes, which the output keeps with length 1.
    ReduceSum {
        /// The axes, ascending.
        axes: Vec<usize>,
    },
    /// Sum over a sliding window; padding counts as 0. Input and output are `[n, c, h, w]`.
    SumPool(Window2d),
    /// `[.., m, k] x [.., k, n] -> [.., m, n]`. Both inputs have rank 2 or more; the leading
    /// axes are equal, or the right side has rank 2 and serves all of them.
    /// Inputs: left, right.
    MatMul,
    /// Two-dimensional convolution (cross-correlation, as in ONNX), no bias.
    /// Inputs: `x [n, c, h, w]`, `kernel [o, c / groups, kh, kw]`; output `[n, o, h', w']`.
    Conv {
        /// Kernel shape, strides, padding and dilations.
        window: Window2d,
        /// Number of groups.
        groups: usize,
    },

    // ---- materialising ----
    /// Right shift with rounding, and optionally the rectifier after it.
    ///
    /// The result is signed with `relu = false`, unsigned with `relu = true`. Without `saturation` the shifted
    /// value must lie in the signed range, or in `(-2^(L b), 2^(L b))`. With it, the result is the value of its
    /// range that is nearest to the shifted value.
    Rescale {
        /// The shift.
        shift: Shift,
        /// Width of the result.
        limbs: u8,
        /// Whether negative results become 0.
        relu: bool,
        /// How far the shifted value may lie outside the result's range.
        saturation: Option<Saturation>,
    },
    /// Maximum over windows of the shifted input, and optionally the rectifier after it.
    ///
    /// With `a_i` the shifted elements of a window and `M` the largest, `M - a_i < 2^(L b)` for all
    /// `i`. With `relu = false` the result is `M`, in the signed range. With `relu = true` it is
    /// `m = max(M, 0)`, where `m < 2^(L b)` and `m - M < 2^(L b)`. With `saturation` the result is the value of
    /// its range that is nearest to `M`, and `M - a_i < 2^(S b)` with `S` the limbs of the spread.
    Max {
        /// The windows.
        windows: MaxWindows,
        /// Shift applied to each element before.
        shift: Shift,
        /// Width of the result.
        limbs: u8,
        /// Whether negative results become 0.
        relu: bool,
        /// How far the maximum may lie outside the result's range.
        saturation: Option<MaxSaturation>,
    },
    /// `min(max(x, lo), hi)`, where `lo <= hi` lie in the signed range of `limbs` limbs.
    ///
    /// With `p = max(x - lo, 0)`, `n = max(lo - x, 0)` and `w = (hi - lo) - p`:
    /// `p < 2^(L b)`, `n < 2^(L b)` and `|w| < 2^(L b)`.
    Clip {
        /// Smallest result.
        lo: i64,
        /// Largest result.
        hi: i64,
        /// Width.
        limbs: u8,
    },
    /// Elementwise product of two tensors of the node's shape, shifted right with rounding; signed.
    /// The left operand lies in the signed range of `operand_limbs[0]` limbs, the right one of
    /// `operand_limbs[1]`.
    Mul {
        /// The shift.
        shift: u32,
        /// Width of the result.
        limbs: u8,
        /// Widths of the operands.
        operand_limbs: [u8; 2],
    },
    /// Division by constants with rounding; signed.
    DivConst {
        /// The divisors.
        divisor: Divisor,
        /// Width of the result.
        limbs: u8,
    },
    /// `floor((2 n 2^shift + d) / (2 d))`, that is `n 2^shift / d` rounded half up, elementwise.
    /// Inputs: numerator, unsigned of `operand_limbs[0]` limbs; denominator, unsigned of
    /// `operand_limbs[1]` limbs and at least 1. The result is unsigned.
    Div {
        /// Scale factor of the numerator.
        shift: u32,
        /// Width of the result.
        limbs: u8,
        /// Widths of the operands.
        operand_limbs: [u8; 2],
    },
    /// A function of one variable; signed result.
    Lut(LutTable),
    /// Index of the first largest element along an axis, which the output keeps with length 1.
    /// The distance of every element from the largest is less than `2^(L b)`.
    ArgMax {
        /// The axis.
        axis: usize,
        /// Width of the distances.
        limbs: u8,
    },
}

impl Op {
    /// Whether the operation is exact and linear in its inputs (bilinear for [`Op::MatMul`]
    /// and [`Op::Conv`]): no range of its own, no rounding.
    pub fn is_linear(&self) -> bool {
        match self {
            Op::Reshape
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Concat { .. }
            | Op::Pad { .. }
            | Op::Broadcast
            | Op::Gather { .. }
            | Op::LinComb { .. }
            | Op::ReduceSum { .. }
            | Op::SumPool(_)
            | Op::MatMul
            | Op::Conv { .. } => true,
            Op::Input { .. }
            | Op::Param { .. }
            | Op::Rescale { .. }
            | Op::Max { .. }
            | Op::Clip { .. }
            | Op::Mul { .. }
            | Op::DivConst { .. }
            | Op::Div { .. }
            | Op::Lut(_)
            | Op::ArgMax { .. } => false,
        }
    }

    /// Short name for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Input { .. } => "Input",
            Op::Param { .. } => "Param",
            Op::Reshape => "Reshape",
            Op::Transpose { .. } => "Transpose",
            Op::Slice { .. } => "Slice",
            Op::Concat { .. } => "Concat",
            Op::Pad { .. } => "Pad",
            Op::Broadcast => "Broadcast",
            Op::Gather { .. } => "Gather",
            Op::LinComb { .. } => "LinComb",
            Op::ReduceSum { .. } => "ReduceSum",
            Op::SumPool(_) => "SumPool",
            Op::MatMul => "MatMul",
            Op::Conv { .. } => "Conv",
            Op::Rescale { .. } => "Rescale",
            Op::Max { .. } => "Max",
            Op::Clip { .. } => "Clip",
            Op::Mul { .. } => "Mul",
            Op::DivConst { .. } => "DivConst",
            Op::Div { .. } => "Div",
            Op::Lut(_) => "Lut",
            Op::ArgMax { .. } => "ArgMax",
        }
    }
}
