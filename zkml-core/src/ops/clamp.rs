//! Clamps: which values a rounding takes, and where its results lie.

use super::{
    check::mismatch,
    range::{Of, Range, RangeFault, invalid_limbs, valid_excess},
};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// How far a value may lie outside the range that it is clamped to, in limbs of `b` bits.
///
/// With results in `[lo, hi]`, the value lies in `[lo - (2^(below b) - 1), hi + (2^(above b) - 1)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Saturation {
    /// Limbs of the distance below the range; 0 if no value lies there.
    pub below: u8,
    /// Limbs of the distance above the range; 0 if no value lies there.
    pub above: u8,
}

impl Saturation {
    pub(super) fn check(&self, op: &'static str, lane_bits: u32) -> Result<()> {
        let wrong = |limbs: &u8| !valid_excess(*limbs, lane_bits);
        match [self.below, self.above].into_iter().find(wrong) {
            Some(limbs) => Err(mismatch(op, invalid_limbs(limbs, lane_bits))),
            None => Ok(()),
        }
    }
}

/// What becomes of a rounded value: the part that [`super::Rescale`] and [`super::Max`] share.
///
/// Results are signed, or with `relu` unsigned. Without `saturation` the value must lie in that range, or with `relu`
/// in `(-2^(L b), 2^(L b))`; with it, the result is the value of the range that is nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clamp {
    /// Width of the result.
    pub limbs: u8,
    /// Whether negative results become 0.
    pub relu: bool,
    /// How far the value may lie outside the result's range.
    pub saturation: Option<Saturation>,
}

impl Clamp {
    /// A clamp that takes no value outside its range.
    pub fn none(limbs: u8, relu: bool) -> Self {
        Clamp {
            limbs,
            relu,
            saturation: None,
        }
    }

    /// Limbs that hold any value before the clamp, up to a factor of two.
    pub fn widest(&self) -> u8 {
        self.saturation.map_or(self.limbs, |Saturation { below, above }| {
            self.limbs.max(below).max(above)
        })
    }

    /// Bits of the value before the clamp.
    pub fn bits(&self, lane_bits: u32) -> u32 {
        u32::from(self.widest()) * lane_bits + u32::from(self.saturation.is_some())
    }

    /// Smallest and largest result.
    pub fn results(&self, lane_bits: u32) -> (i64, i64) {
        let Range { lo, hi } = self.ranges(lane_bits).result;
        (lo, hi)
    }

    pub(crate) fn ranges(&self, lane_bits: u32) -> ClampRanges {
        let result = if self.relu {
            Range::unsigned_limbs(self.limbs, lane_bits)
        } else {
            Range::signed_limbs(self.limbs, lane_bits)
        };
        let excess = |limbs: u8| Range::unsigned_limbs(limbs, lane_bits).hi;
        let accepted = match self.saturation {
            Some(Saturation { below, above }) => Range {
                lo: result.lo - excess(below),
                hi: result.hi + excess(above),
            },
            None if self.relu => Range::within(u32::from(self.limbs) * lane_bits),
            None => result,
        };
        ClampRanges { accepted, result }
    }
}

/// The ranges of a [`Clamp`] for limbs of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClampRanges {
    /// The values before the clamp.
    pub accepted: Range,
    /// The results.
    pub result: Range,
}

impl ClampRanges {
    /// Whether all values from the smallest to the largest are accepted.
    #[cfg(feature = "import")]
    pub fn takes(&self, (smallest, largest): (i64, i64)) -> bool {
        self.accepted.contains(smallest) && self.accepted.contains(largest)
    }

    /// The result for a value, or what is wrong with it.
    pub fn apply(
        self,
        value: i64,
        quantity: &'static str,
        of: Of,
        element: usize,
    ) -> Result<i64, RangeFault> {
        let value = self.accepted.check(value, quantity, of, element)?;
        Ok(value.clamp(self.result.lo, self.result.hi))
    }
}
