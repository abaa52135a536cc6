//! The semantics of every operation: one file for each, with its type, its shape rule, its evaluation and its bounds.
//!
//! Circuits equal these functions bit for bit. They share the index arithmetic with them:
//! [`view_map`] says where each element of a view comes from, [`reduction_map`] which elements
//! a sum or a maximum is taken over, and [`window`] how a kernel slides along an axis.
//!
//! A new operation is a type that implements [`operation::Operation`] (or [`view::View`]), and its name in the lists
//! of this file.

mod arg_max;
mod broadcast;
mod check;
mod clamp;
mod clip;
mod concat;
mod conv;
mod copies;
mod div;
mod div_const;
mod gather;
mod lin_comb;
mod lut;
mod mat_mul;
mod max;
mod mul;
mod operation;
mod pad;
pub(crate) mod range;
mod reduce_sum;
pub(crate) mod reduction;
mod rescale;
mod reshape;
mod shift;
mod slice;
mod source;
mod sum_pool;
#[cfg(test)]
mod testing;
mod transpose;
mod view;
pub mod window;

pub use arg_max::ArgMax;
pub use broadcast::Broadcast;
#[cfg(feature = "import")]
pub(crate) use clamp::ClampRanges;
pub use clamp::{Clamp, Saturation};
pub use clip::Clip;
pub use concat::Concat;
pub use conv::Conv;
pub use copies::{apply_view, view_map};
pub use div::Div;
pub use div_const::{DivConst, Divisor};
pub use gather::Gather;
pub use lin_comb::LinComb;
pub use lut::Lut;
pub use mat_mul::MatMul;
#[cfg(feature = "import")]
pub(crate) use max::maxima;
pub use max::{Max, MaxSaturation, MaxWindows};
pub use mul::Mul;
pub use operation::{Kind, ResultRange};
pub use pad::Pad;
pub use reduce_sum::ReduceSum;
pub use reduction::{Sets, reduction_map};
pub use rescale::Rescale;
pub use reshape::Reshape;
pub use shift::Shift;
pub use slice::Slice;
pub use source::{Input, Param, ParamId};
pub use sum_pool::SumPool;
pub use transpose::Transpose;
pub use view::ViewSource;
pub use window::Window2d;

use crate::error::Result;
use crate::tensor::IntTensor;
use check::check_size;
use operation::Operation;
use serde::{Deserialize, Serialize};

/// One variant for each operation, which holds the operation's type.
macro_rules! operations {
    ($($name:ident,)*) => {
        /// An integer operation. See [`crate::graph`] for the kinds.
        ///
        /// The order of the variants is part of the file format: new ones come last.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Op {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name),)*
        }

        impl Op {
            /// The names of all operations.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            pub(crate) fn operation(&self) -> &dyn Operation {
                match self {
                    $(Op::$name(operation) => operation,)*
                }
            }
        }

        $(impl From<$name> for Op {
            fn from(operation: $name) -> Self {
                Op::$name(operation)
            }
        })*
    };
}

operations![
    Input, Param, Reshape, Transpose, Slice, Concat, Pad, Broadcast, Gather, LinComb, ReduceSum, SumPool,
    MatMul, Conv, Rescale, Max, Clip, Mul, DivConst, Div, Lut, ArgMax,
];

impl Op {
    /// Short name for messages.
    pub fn name(&self) -> &'static str {
        self.operation().name()
    }

    /// How its results come about.
    pub fn kind(&self) -> Kind<'_> {
        self.operation().kind()
    }

    /// The range of the result; none for results without a range of their own, and for those whose range says nothing
    /// of their accuracy.
    pub fn result(&self) -> Option<ResultRange> {
        self.operation().result()
    }

    /// Elementary steps that an element of the result takes, for inputs of these shapes, which are valid.
    pub fn steps(&self, inputs: &[&[usize]]) -> usize {
        self.operation().steps(inputs)
    }

    /// Whether the operation is exact and linear in its inputs (bilinear for [`Op::MatMul`] and [`Op::Conv`]): no range
    /// of its own, no rounding.
    pub fn is_linear(&self) -> bool {
        match self.kind() {
            Kind::View(_) | Kind::Combination | Kind::Sum(_) | Kind::Bilinear => true,
            Kind::Source | Kind::Materialising => false,
        }
    }
}

/// The output shape of an operation on inputs of these shapes.
///
/// `declared` is the shape that the node states. It decides the result of [`Reshape`], [`Broadcast`] and [`Slice`], and
/// is the result for [`Input`] and [`Param`]; other operations do not read it.
///
/// # Errors
///
/// [`crate::Error::Shape`] if the number of inputs is wrong, if shapes or attributes do not fit
/// together, or if a shape is beyond the limits of [`crate::shape`].
pub fn infer_shape(op: &Op, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
    for shape in inputs {
        check_size(op.name(), shape)?;
    }
    let shape = op.operation().shape(inputs, declared)?;
    check_size(op.name(), &shape)?;
    Ok(shape)
}

/// The result of one operation, of shape `out`, in lanes of `lane_bits` bits, as [`crate::execute`] computes it for a
/// node; `None` where a quantity leaves the range that a circuit can prove.
///
/// Lanes may be narrower than those of a graph, so that all operands can be tried. Attributes and shapes must be valid,
/// and no sum may reach 62 bits: nothing is checked but the ranges.
pub fn evaluate(op: &Op, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Option<IntTensor> {
    op.operation().eval(lane_bits, inputs, out).ok()
}
