//! Right shifts that round.

use super::check::{check_axis, check_shift, mismatch};
use crate::{error::Result, reach::interval::Intervals, rounding::shift_round};
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

    /// The shift of each element, by flat index, of a tensor of this shape.
    pub fn at<'a>(&'a self, shape: &[usize]) -> impl Fn(usize) -> u32 + 'a {
        let inner = match self {
            Shift::Uniform(_) => 1,
            Shift::PerAxis { axis, .. } => shape.iter().skip(axis + 1).product::<usize>(),
        };
        move |flat| match self {
            Shift::Uniform(shift) => *shift,
            Shift::PerAxis { shifts, .. } => shifts[flat / inner % shifts.len()],
        }
    }

    /// Checks the shift against the shape of the tensor that it is applied to.
    pub(super) fn check(&self, op: &'static str, input: &[usize]) -> Result<()> {
        match self {
            Shift::Uniform(shift) => check_shift(op, *shift),
            Shift::PerAxis { axis, shifts } => {
                check_axis(op, *axis, input)?;
                if shifts.len() != input[*axis] {
                    let reason = format!(
                        "expected {} shifts, one for each index, found {}",
                        input[*axis],
                        shifts.len()
                    );
                    return Err(mismatch(op, reason));
                }
                shifts.iter().try_for_each(|&shift| check_shift(op, shift))
            }
        }
    }

    /// The intervals after the shift, before any clamp.
    pub(crate) fn reach(&self, input: &Intervals) -> Intervals {
        let shift_of = self.at(input.lo.shape());
        input.monotone(|i, x| shift_round(x, shift_of(i)))
    }
}
