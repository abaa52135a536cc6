//! Clip: `min(max(x, lo), hi)`.
//!
//! With `p = max(x - lo, 0)`, `n = max(lo - x, 0)` and `w = (hi - lo) - p`: `p` and `n` are less than
//! `2^(L b)`, and so is `|w|`. The result lies in `[lo, hi]`, a part of the signed range.

use super::{
    mismatch,
    range::{Of, Range, RangeFault},
};
use crate::{error::Result, tensor::IntTensor};

/// Checks the limits against the width.
pub(super) fn check(lo: i64, hi: i64, bits: u32) -> Result<()> {
    let range = Range::signed(bits);
    if lo <= hi && range.contains(lo) && range.contains(hi) {
        Ok(())
    } else {
        let reason = format!(
            "expected limits lo <= hi in [{}, {}], found {lo} and {hi}",
            range.lo, range.hi
        );
        Err(mismatch("Clip", reason))
    }
}

/// The values that can be clipped.
pub(crate) fn accepted(lo: i64, bits: u32) -> Range {
    // |x - lo| < 2^(L b) is all: then w > -2^(L b) because lo <= hi, and w < 2^(L b) because both
    // limits are signed.
    let distance = Range::within(bits).hi;
    Range {
        lo: lo - distance,
        hi: lo + distance,
    }
}

pub(super) fn eval(lo: i64, hi: i64, bits: u32, input: &IntTensor) -> Result<IntTensor, RangeFault> {
    let range = accepted(lo, bits);
    let results = input
        .data()
        .iter()
        .enumerate()
        .map(|(flat, &x)| Ok(range.check(x, "value to clip", Of::Input(0), flat)?.clamp(lo, hi)));
    Ok(IntTensor::of(input.shape(), results.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph::Op, ops::testing::try_eval};
    use proptest::prelude::*;

    #[test]
    fn refuses_limits_outside_the_range() {
        assert!(check(-128, 127, 8).is_ok());
        assert!(check(-129, 127, 8).is_err());
        assert!(check(-128, 128, 8).is_err());
        assert!(check(1, 0, 8).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(x in -600i64..600, a in -128i64..128, b in -128i64..128) {
            let (lo, hi) = (a.min(b), a.max(b));
            let (p, n) = ((x - lo).max(0), (lo - x).max(0));
            let w = (hi - lo) - p;
            let valid = p < 256 && n < 256 && w.abs() < 256;
            let found = try_eval(&Op::Clip { lo, hi, limbs: 1 }, &[(&[1], &[x])], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![x.max(lo).min(hi)]));
        }
    }
}
