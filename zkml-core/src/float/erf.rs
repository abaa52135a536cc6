//! The error function.

use std::f64::consts::FRAC_2_SQRT_PI;

/// From here on the error function is 1 in double precision.
const FLAT: f64 = 6.0;

/// `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `x`, by the series
/// `2 / sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (1 3 5 ... (2n+1))`, whose terms all have one sign (Abramowitz and Stegun,
/// 7.1.6).
pub(super) fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.abs() >= FLAT {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    let mut divisor = 1.0;
    // Terms rise while `2 x^2` is larger than the divisor, and then fall faster than a geometric series.
    while term.abs() > f64::EPSILON * sum.abs() / 4.0 {
        divisor += 2.0;
        term *= 2.0 * x * x / divisor;
        sum += term;
    }
    (FRAC_2_SQRT_PI * (-x * x).exp() * sum).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::erf;

    #[test]
    fn values_are_those_of_tables() {
        // Abramowitz and Stegun, table 7.1; the last is 1 - erfc(3).
        for (x, expected) in [
            (0.0, 0.0),
            (0.1, 0.112_462_916_0),
            (0.5, 0.520_499_877_8),
            (1.0, 0.842_700_792_9),
            (2.0, 0.995_322_265_0),
            (3.0, 0.999_977_909_5),
            (7.0, 1.0),
            (f64::INFINITY, 1.0),
        ] {
            assert!((erf(x) - expected).abs() < 1e-10, "{x}");
            assert_eq!(erf(-x), -erf(x));
        }
        assert!(erf(f64::NAN).is_nan());
    }
}
