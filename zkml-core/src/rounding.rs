//! The one definition of rounding: half up, for shifts and for divisions.
//!
//! The executor, quantisation and the circuits' witnesses all use these functions.

/// `floor((x + 2^(s-1)) / 2^s)`, that is `x / 2^s` rounded half up; `x` itself for `s = 0`.
///
/// Exact for every `x` and every `s`.
pub fn shift_round(x: i64, s: u32) -> i64 {
    match s {
        0 => x,
        // floor(x / 2^s) plus the highest bit shifted out: nothing can overflow.
        1..=63 => (x >> s) + ((x >> (s - 1)) & 1),
        // |x| <= 2^63 <= 2^(s-1), so that the sum lies in [0, 2^s).
        _ => 0,
    }
}

/// `floor((2 x + d) / (2 d))`, that is `x / d` rounded half up.
///
/// # Panics
///
/// If `d` is less than 1: callers check their divisors.
pub fn div_round(x: i64, d: i64) -> i64 {
    assert!(d >= 1, "divisors are at least 1");
    let quotient = x.div_euclid(d);
    let remainder = x.rem_euclid(d);
    // 2 r >= d, written so that it cannot overflow.
    quotient + i64::from(remainder >= d - remainder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_round_up() {
        assert_eq!(
            [-3, -2, -1, 0, 1, 2, 3].map(|x| shift_round(x, 1)),
            [-1, -1, 0, 0, 1, 1, 2]
        );
        assert_eq!(
            [-6, -5, -3, 3, 5, 6].map(|x| div_round(x, 4)),
            [-1, -1, -1, 1, 1, 2]
        );
        assert_eq!([-2, -1, 1, 2].map(|x| div_round(x, 3)), [-1, 0, 0, 1]);
    }

    #[test]
    fn extremes_do_not_overflow() {
        assert_eq!(shift_round(i64::MIN, 64), 0);
        assert_eq!(shift_round(i64::MAX, 200), 0);
        assert_eq!(shift_round(i64::MAX, 63), 1);
        assert_eq!(shift_round(i64::MIN, 63), -1);
        assert_eq!(div_round(i64::MAX, 1), i64::MAX);
        assert_eq!(div_round(i64::MIN, i64::MAX), -1);
    }

    proptest! {
        #[test]
        fn shift_matches_its_formula(x: i64, s in 1u32..=70) {
            let wide = (i128::from(x) + (1i128 << (s - 1))) >> s;
            prop_assert_eq!(i128::from(shift_round(x, s)), wide);
        }

        #[test]
        fn division_matches_its_formula(x: i64, d in 1i64..) {
            let wide = (2 * i128::from(x) + i128::from(d)).div_euclid(2 * i128::from(d));
            prop_assert_eq!(i128::from(div_round(x, d)), wide);
        }

        #[test]
        fn shifts_divide_by_powers_of_two(x: i64, s in 0u32..=62) {
            prop_assert_eq!(shift_round(x, s), div_round(x, 1 << s));
        }
    }
}
