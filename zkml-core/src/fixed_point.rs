//! Real numbers to integers and back: `q` at scale `s` stands for `q * 2^-s`.

pub use crate::scale::dequantize;

use crate::{
    error::{Error, Result},
    scale::power_of_two,
};

/// The integers that quantisation yields are less than this in absolute value.
const LIMIT: f64 = (1u64 << 62) as f64;

/// The integer nearest to `x * 2^scale`, halves rounded up.
///
/// # Errors
///
/// [`Error::NotFinite`] for NaN and infinities, [`Error::TooLarge`] if the result needs more than 62 bits.
pub fn quantize_value(x: f64, scale: i32) -> Result<i64> {
    if !x.is_finite() {
        return Err(Error::NotFinite { value: x });
    }
    if x == 0.0 {
        return Ok(0);
    }
    let scaled = x * power_of_two(scale);
    if scaled.abs() >= LIMIT {
        return Err(Error::TooLarge { value: x, scale });
    }
    // The difference is exact, unlike `scaled + 0.5`, which rounds.
    let floor = scaled.floor();
    let up = i64::from(scaled - floor >= 0.5);
    Ok(floor as i64 + up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_round_up() {
        let quantized = [-1.5, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75].map(|x| quantize_value(x, 0).unwrap());
        assert_eq!(quantized, [-1, -1, 0, 0, 0, 1, 1]);
        assert_eq!(quantize_value(0.499_999_999_999_999_94, 0).unwrap(), 0);
        assert_eq!(quantize_value(-1e-300, 4).unwrap(), 0);
        assert_eq!(quantize_value(1e300, -1000).unwrap(), 0);
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(quantize_value(x, 0), Err(Error::NotFinite { .. })));
        }
        assert!(matches!(quantize_value(1.0, 62), Err(Error::TooLarge { .. })));
        assert!(matches!(
            quantize_value(1.0, i32::MAX),
            Err(Error::TooLarge { .. })
        ));
        assert_eq!(quantize_value(1.0, 61).unwrap(), 1 << 61);
        assert_eq!(quantize_value(1.0, i32::MIN).unwrap(), 0);
        assert_eq!(dequantize(1, i32::MIN), f64::INFINITY);
    }

    proptest! {
        #[test]
        fn round_trips(q in -(1i64 << 52)..(1i64 << 52), scale in -60i32..=60) {
            prop_assert_eq!(quantize_value(dequantize(q, scale), scale).unwrap(), q);
        }

        #[test]
        fn error_is_at_most_half_a_step(x in -1e6f64..1e6, scale in 0i32..=20) {
            let back = dequantize(quantize_value(x, scale).unwrap(), scale);
            prop_assert!((back - x).abs() <= dequantize(1, scale) / 2.0);
        }
    }
}
