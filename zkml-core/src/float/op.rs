//! The closed set of float operations.

use super::{FloatTensor, Function};
use crate::ops::{Divisor, Window2d};
use std::sync::Arc;

/// A float operation. Shapes and semantics are those of the operation of the same name in
/// [`crate::graph::Op`] where there is one.
#[derive(Clone, Debug)]
pub enum FloatOp {
    /// An input of the model.
    Input {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A constant.
    Constant(Arc<FloatTensor>),

    /// The same elements in row-major order under another shape.
    Reshape {
        /// The shape.
        shape: Vec<usize>,
    },
    /// NumPy broadcasting.
    Broadcast {
        /// The shape.
        shape: Vec<usize>,
    },
    /// Axis `i` of the output is axis `perm[i]` of the input.
    Transpose {
        /// Permutation of the axes.
        perm: Vec<usize>,
    },
    /// `out[i_0, ...] = in[starts[0] + i_0 * steps[0], ...]`.
    Slice {
        /// First index along each axis.
        starts: Vec<usize>,
        /// Step along each axis, not 0.
        steps: Vec<i64>,
        /// Shape of the output.
        shape: Vec<usize>,
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
        /// The constant.
        value: f32,
    },
    /// `out[.., j, ..] = in[.., indices[j], ..]` along `axis`.
    Gather {
        /// The axis.
        axis: usize,
        /// Constant indices.
        indices: Vec<usize>,
    },

    /// Sum of two tensors, with NumPy broadcasting.
    Add,
    /// Difference of two tensors, with NumPy broadcasting.
    Sub,
    /// Product of two tensors, with NumPy broadcasting.
    Mul,
    /// Negation.
    Neg,
    /// `[.., m, k] x [.., k, n] -> [.., m, n]`: leading axes equal, or a right side of rank 2.
    MatMul,
    /// Two-dimensional convolution without bias. Inputs: `x [n, c, h, w]`, `kernel [o, c / groups, kh, kw]`.
    Conv {
        /// Kernel shape, strides, padding and dilations.
        window: Window2d,
        /// Number of groups.
        groups: usize,
    },
    /// Sum over axes, which the output keeps with length 1.
    ReduceSum {
        /// The axes, ascending.
        axes: Vec<usize>,
    },
    /// Sum of the squares over axes, which the output keeps with length 1.
    ReduceSumSquare {
        /// The axes, ascending.
        axes: Vec<usize>,
    },
    /// Mean over axes, which the output keeps with length 1.
    ReduceMean {
        /// The axes, ascending.
        axes: Vec<usize>,
    },
    /// Sum over a sliding window, padding counting as 0, divided by constants.
    AveragePool {
        /// The window.
        window: Window2d,
        /// The divisors; the per-element form repeats for every image and channel.
        divisor: Divisor,
    },
    /// Maximum over a sliding window; padding takes no part.
    MaxPool {
        /// The window.
        window: Window2d,
    },

    /// `max(x, 0)`.
    Relu,
    /// `x` where `x >= 0`, `alpha x` elsewhere.
    LeakyRelu {
        /// Slope of the negative side.
        alpha: f32,
    },
    /// `min(max(x, lo), hi)`.
    Clip {
        /// Smallest result; may be minus infinity.
        lo: f32,
        /// Largest result; may be infinity.
        hi: f32,
    },
    /// A function of one variable.
    Function(&'static Function),
    /// `e^(x - max) / sum e^(x - max)` along an axis.
    Softmax {
        /// The axis.
        axis: usize,
    },
    /// Index of the first largest element along an axis, which the output keeps with length 1.
    ArgMax {
        /// The axis.
        axis: usize,
    },
}

impl FloatOp {
    /// Short name for messages.
    pub fn name(&self) -> &'static str {
        match self {
            FloatOp::Input { .. } => "Input",
            FloatOp::Constant(_) => "Constant",
            FloatOp::Reshape { .. } => "Reshape",
            FloatOp::Broadcast { .. } => "Broadcast",
            FloatOp::Transpose { .. } => "Transpose",
            FloatOp::Slice { .. } => "Slice",
            FloatOp::Concat { .. } => "Concat",
            FloatOp::Pad { .. } => "Pad",
            FloatOp::Gather { .. } => "Gather",
            FloatOp::Add => "Add",
            FloatOp::Sub => "Sub",
            FloatOp::Mul => "Mul",
            FloatOp::Neg => "Neg",
            FloatOp::MatMul => "MatMul",
            FloatOp::Conv { .. } => "Conv",
            FloatOp::ReduceSum { .. } => "ReduceSum",
            FloatOp::ReduceSumSquare { .. } => "ReduceSumSquare",
            FloatOp::ReduceMean { .. } => "ReduceMean",
            FloatOp::AveragePool { .. } => "AveragePool",
            FloatOp::MaxPool { .. } => "MaxPool",
            FloatOp::Relu => "Relu",
            FloatOp::LeakyRelu { .. } => "LeakyRelu",
            FloatOp::Clip { .. } => "Clip",
            FloatOp::Function(function) => function.name,
            FloatOp::Softmax { .. } => "Softmax",
            FloatOp::ArgMax { .. } => "ArgMax",
        }
    }
}
