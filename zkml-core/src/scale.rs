//! What an integer at a scale stands for.

/// `2^exponent`: exact where a double can hold it, 0 or infinity beyond.
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    // `powi` does not promise exactness; building the bits does.
    match exponent {
        ..=-1023 => 0.0,
        -1022..=1023 => f64::from_bits(((1023 + exponent) as u64) << 52),
        1024.. => f64::INFINITY,
    }
}

/// The real number that `q` stands for: `q * 2^-scale`, rounded to a double.
pub fn dequantize(q: i64, scale: i32) -> f64 {
    if q == 0 {
        0.0
    } else {
        q as f64 * power_of_two(scale.saturating_neg())
    }
}
