//! Ranges of whole limbs, and what is reported when a value leaves one.

/// Largest width of a tensor in bits.
pub(crate) const MAX_BITS: u32 = 48;

/// Largest number of limbs of a tensor.
pub(crate) const MAX_LIMBS: u8 = 3;

/// Whether a tensor may have this many limbs.
pub(crate) fn valid_limbs(limbs: u8, lane_bits: u32) -> bool {
    (1..=MAX_LIMBS).contains(&limbs) && u32::from(limbs) * lane_bits <= MAX_BITS
}

/// Whether values may lie this many limbs outside a range.
pub(crate) fn valid_excess(limbs: u8, lane_bits: u32) -> bool {
    limbs == 0 || valid_limbs(limbs, lane_bits)
}

/// Why a number of limbs is refused.
pub(crate) fn invalid_limbs(limbs: u8, lane_bits: u32) -> String {
    format!(
        "expected 1 to {MAX_LIMBS} limbs of {lane_bits} bits, {MAX_BITS} bits in all, found {limbs} limbs"
    )
}

/// An inclusive range of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub lo: i64,
    pub hi: i64,
}

impl Range {
    /// `[-2^(bits - 1), 2^(bits - 1))`.
    pub fn signed(bits: u32) -> Self {
        let half = 1i64 << (bits - 1);
        Range {
            lo: -half,
            hi: half - 1,
        }
    }

    /// `[0, 2^bits)`.
    pub fn unsigned(bits: u32) -> Self {
        Range {
            lo: 0,
            hi: (1 << bits) - 1,
        }
    }

    /// [`Range::signed`] of whole limbs.
    pub fn signed_limbs(limbs: u8, lane_bits: u32) -> Self {
        Self::signed(u32::from(limbs) * lane_bits)
    }

    /// [`Range::unsigned`] of whole limbs.
    pub fn unsigned_limbs(limbs: u8, lane_bits: u32) -> Self {
        Self::unsigned(u32::from(limbs) * lane_bits)
    }

    /// `(-2^bits, 2^bits)`.
    pub fn within(bits: u32) -> Self {
        let hi = (1i64 << bits) - 1;
        Range { lo: -hi, hi }
    }

    /// Whether the value lies in the range.
    pub fn contains(self, value: i64) -> bool {
        (self.lo..=self.hi).contains(&value)
    }

    /// The value, or what is wrong with it.
    pub fn check(
        self,
        value: i64,
        quantity: &'static str,
        of: Of,
        element: usize,
    ) -> Result<i64, RangeFault> {
        if self.contains(value) {
            Ok(value)
        } else {
            Err(RangeFault {
                quantity,
                of,
                element,
                value,
                range: self,
            })
        }
    }
}

/// The tensor that a quantity belongs to: it has its scale and its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The node's output.
    Output,
    /// The node's input with this position.
    Input(usize),
}

/// A value out of range, before the executor adds names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RangeFault {
    /// What the value is.
    pub quantity: &'static str,
    /// Where it stands.
    pub of: Of,
    /// Flat index in that tensor.
    pub element: usize,
    /// The value.
    pub value: i64,
    /// Where it should lie.
    pub range: Range,
}
