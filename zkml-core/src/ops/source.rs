//! Sources: tensors that are given.

use super::{
    check::{arity, check_limbs},
    operation::prelude::*,
};

/// An input of the model: signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Width.
    pub limbs: u8,
}

/// A parameter tensor (a weight).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// Which one.
    pub param: ParamId,
}

/// Index of a parameter tensor in [`crate::graph::Params::tensors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParamId(pub u32);

impl ParamId {
    /// The id as an index into [`crate::graph::Params::tensors`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

macro_rules! source {
    ($name:ident, $self:ident => $limbs:expr, $result:expr) => {
        impl Operation for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }

            fn kind(&self) -> Kind<'_> {
                Kind::Source
            }

            fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
                arity::<0>(self.name(), inputs)?;
                Ok(declared.to_vec())
            }

            fn check_widths(&$self, lane_bits: u32) -> Result<()> {
                check_limbs($self.name(), $limbs, lane_bits)
            }

            fn result(&$self) -> Option<ResultRange> {
                $result
            }

            fn steps(&self, _: &[&[usize]]) -> usize {
                1
            }

            fn eval(&self, _: u32, inputs: &[&IntTensor], _: &[usize]) -> Result<IntTensor, RangeFault> {
                Ok(inputs[0].clone())
            }

            fn bounds(&self, _: u32, inputs: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
                Ok(inputs[0])
            }

            fn reach(&self, _: u32, inputs: &[&Intervals], _: &[usize]) -> Outcome {
                Outcome::of(inputs[0].clone())
            }
        }
    };
}

source!(Input, self => &[self.limbs], Some(ResultRange::signed(self.limbs)));
// The width of a parameter is that of its tensor, which is checked with the parameters.
source!(Param, self => &[], None);
