//! A rounded value beside its remainder.

use crate::form::LinForm;

/// `2^(rem b) y + r - 2^(rem b - 1)`: what a value is, times `2^(rem b - shift)`, when `y` is its
/// rounded shift and `r` the remainder in `rem` limbs; `y` itself for `rem = 0`.
///
/// For a shift of at most `rem b` bits this determines `y` and `r`: the left side is an integer,
/// and `0 <= r < 2^(rem b)` by the range check.
pub(super) fn rescaled(y: &LinForm, r: &LinForm, rem: u8, b: u32) -> LinForm {
    if rem == 0 {
        return y.clone();
    }
    let bits = u32::from(rem) * b;
    y.clone()
        .times(1 << bits)
        .plus(r)
        .plus_constant(-(1 << (bits - 1)))
}

/// The remainder that [`rescaled`] has for a value, its shift and its rounded shift `y`.
pub(super) fn remainder(x: i64, shift: u32, y: i128, rem: u8, b: u32) -> i128 {
    if rem == 0 {
        return 0;
    }
    let bits = u32::from(rem) * b;
    (i128::from(x) << (bits - shift)) + (1 << (bits - 1)) - (y << bits)
}
