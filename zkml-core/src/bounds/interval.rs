//! Intervals of accumulators.

use crate::{ops::range::Range, shape::MAX_ELEMENTS};

/// Accumulators and intermediate products are less than this in absolute value.
pub(crate) const LIMIT: i128 = 1 << 62;

/// An inclusive range. Operations on limited intervals cannot overflow 128 bits: products of
/// two have 124 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub lo: i128,
    pub hi: i128,
}

/// An interval beyond the limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overflow(pub Interval);

impl Interval {
    pub fn limited(self) -> Result<Self, Overflow> {
        if self.lo > -LIMIT && self.hi < LIMIT {
            Ok(self)
        } else {
            Err(Overflow(self))
        }
    }

    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        Interval {
            lo: self.lo + other.lo,
            hi: self.hi + other.hi,
        }
        .limited()
    }

    pub fn times(self, other: Self) -> Result<Self, Overflow> {
        let corners = [
            self.lo * other.lo,
            self.lo * other.hi,
            self.hi * other.lo,
            self.hi * other.hi,
        ];
        let lo = corners.into_iter().fold(corners[0], i128::min);
        let hi = corners.into_iter().fold(corners[0], i128::max);
        Interval { lo, hi }.limited()
    }

    /// The sum of `count` values of this interval. Partial sums lie between 0 and an end.
    pub fn summed(self, count: usize) -> Result<Self, Overflow> {
        // At most 2^62 * 2^28.
        let count = count.min(MAX_ELEMENTS) as i128;
        Interval {
            lo: self.lo * count,
            hi: self.hi * count,
        }
        .limited()
    }

    pub fn joined(self, other: Self) -> Self {
        Interval {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
        }
    }

    /// The part within `other`; `other` itself if they are disjoint, where no execution is valid.
    pub fn within(self, other: Self) -> Self {
        let part = Interval {
            lo: self.lo.max(other.lo),
            hi: self.hi.min(other.hi),
        };
        if part.lo <= part.hi { part } else { other }
    }
}

impl From<i64> for Interval {
    fn from(value: i64) -> Self {
        Interval {
            lo: value.into(),
            hi: value.into(),
        }
    }
}

impl From<Range> for Interval {
    fn from(Range { lo, hi }: Range) -> Self {
        Interval {
            lo: lo.into(),
            hi: hi.into(),
        }
    }
}
