//! What every integer operation defines.

use super::{clamp::Clamp, range::RangeFault, reduction::Sets, shift::Shift, view::View};
use crate::{
    bounds::interval::{Interval, Overflow},
    error::Result,
    reach::{interval::Intervals, outcome::Outcome},
    tensor::IntTensor,
};

/// An integer operation: its parameters are the type's fields, and everything that it means is here.
///
/// No method has a default, so that a new operation states each: graphs come from untrusted files.
pub(crate) trait Operation {
    /// Short name for messages.
    fn name(&self) -> &'static str;

    /// How its results come about.
    fn kind(&self) -> Kind<'_>;

    /// The output shape on inputs of these shapes, each of a valid size. `declared` is the shape that the node states.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Shape`] if the number of inputs is wrong, or if shapes and attributes do not fit together.
    fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>>;

    /// Checks the attributes whose limits depend on the width of a limb. The shape rule has passed before.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Shape`].
    fn check_widths(&self, lane_bits: u32) -> Result<()>;

    /// The range of the result; none for results without a range of their own, and for those whose range says nothing
    /// of their accuracy.
    fn result(&self) -> Option<ResultRange>;

    /// Elementary steps that an element of the result takes, for inputs of these shapes.
    fn steps(&self, inputs: &[&[usize]]) -> usize;

    /// The result, of shape `out`. The arithmetic is plain 64-bit: [`crate::bounds`] has shown that no accumulator
    /// reaches 62 bits. For a source, the one input is its own tensor.
    ///
    /// # Errors
    ///
    /// [`RangeFault`] if a quantity leaves the range that a circuit can prove.
    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault>;

    /// The values that its results can have, for all inputs within these intervals and any parameters. For a source,
    /// the one interval is its own.
    ///
    /// # Errors
    ///
    /// [`Overflow`] if a sum or a product can exceed the limit on the way.
    fn bounds(&self, lane_bits: u32, inputs: &[Interval], shapes: &[&[usize]]) -> Result<Interval, Overflow>;

    /// The values that each element can have, and the quantities that may leave their range, for inputs whose elements
    /// lie in these intervals. For a source, the one input is its own intervals.
    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome;
}

/// What the file of every operation imports: the trait, the types of its methods, and how parameters are stored.
pub(super) mod prelude {
    pub(crate) use super::super::range::RangeFault;
    pub(crate) use super::{Kind, Operation, ResultRange};
    pub(crate) use crate::{
        bounds::interval::{Interval, Overflow},
        error::Result,
        reach::{interval::Intervals, outcome::Outcome},
        tensor::IntTensor,
    };
    pub(crate) use serde::{Deserialize, Serialize};
}

/// How the results of an operation come about.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// They are given: an input or a parameter.
    Source,
    /// They are copies of input elements, or constants.
    View(&'a dyn View),
    /// They are exact linear combinations of elements in the same place.
    Combination,
    /// They are exact sums over sets of elements.
    Sum(Sets<'a>),
    /// They are exact sums of products of two operands.
    Bilinear,
    /// They are rounded or chosen, and proven to lie in a range of whole limbs.
    Materialising,
}

/// The range of a materialising operation's result, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRange {
    /// Width.
    pub limbs: u8,
    /// Whether it starts at 0.
    pub unsigned: bool,
    /// Whether values outside become the nearest one inside.
    pub clamps: bool,
    /// The largest shift, if the operation shifts.
    pub shift: Option<u32>,
}

impl ResultRange {
    /// The signed range of whole limbs.
    pub(super) fn signed(limbs: u8) -> Self {
        ResultRange {
            limbs,
            unsigned: false,
            clamps: false,
            shift: None,
        }
    }

    /// Of an operation that shifts, and clamps where the value may lie outside.
    pub(super) fn rounded(clamp: &Clamp, shift: &Shift) -> Self {
        let excess = clamp.saturation.unwrap_or_default();
        ResultRange {
            limbs: clamp.limbs,
            unsigned: clamp.relu,
            clamps: excess.above > 0 || (excess.below > 0 && !clamp.relu),
            shift: Some(shift.largest()),
        }
    }
}
