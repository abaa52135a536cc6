//! Tables of functions.

use crate::ops::Lut;

/// A function of a real number and its fixed-point forms.
pub(super) struct Sampled<'a> {
    /// Name for messages.
    pub name: &'a str,
    /// The function.
    pub function: &'a dyn Fn(f64) -> f64,
    /// Scale of the argument.
    pub scale: i32,
    /// Smallest argument.
    pub lo: i64,
    /// There are `2^bits` arguments.
    pub bits: u32,
    /// Scale of the result.
    pub result_scale: i32,
    /// Width of the result.
    pub limbs: u8,
}

/// A table that is as short as a quarter of a step of the result allows, and its largest
/// interpolation error in such steps; `None` if no table has so many arguments, or the function is undefined at one.
pub(super) fn table(sampled: &Sampled<'_>, lane_bits: u32) -> Option<(Lut, f64)> {
    let least = sampled.bits.saturating_sub(lane_bits);
    let most = sampled.bits.min(lane_bits);
    let mut best = None;
    for index_bits in least.max(most.min(4))..=most {
        let candidate = build(sampled, index_bits, lane_bits)?;
        let accurate = candidate.1 <= 0.25;
        best = Some(candidate);
        if accurate {
            break;
        }
    }
    best.filter(|_| least <= most)
}

/// A table of this length and its largest interpolation error; `None` if the function is undefined at an argument.
pub(super) fn build(sampled: &Sampled<'_>, index_bits: u32, lane_bits: u32) -> Option<(Lut, f64)> {
    let fraction_bits = sampled.bits - index_bits;
    let half = 1i64 << (u32::from(sampled.limbs) * lane_bits - 1);
    let step = 2f64.powi(-sampled.scale);
    let unit = 2f64.powi(sampled.result_scale);
    // The exact value in steps of the result, at an argument that may lie between two.
    let exact = |x: f64| ((sampled.function)(x * step) * unit).clamp(-half as f64, (half - 1) as f64);
    let start = |segment: usize| sampled.lo as f64 + segment as f64 * 2f64.powi(fraction_bits as i32);
    let segments = 1usize << index_bits;
    let ends: Vec<f64> = (0..=segments).map(|segment| exact(start(segment))).collect();
    if ends.iter().any(|end| end.is_nan()) {
        return None;
    }
    let rounded: Vec<i64> = ends.iter().map(|&value| (value + 0.5).floor() as i64).collect();
    let rounded: Vec<i64> = rounded.iter().map(|&value| value.min(half - 1)).collect();
    // A slope beyond the width only occurs where the function leaves the calibrated range.
    let slopes = rounded
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).clamp(-half, half - 1))
        .collect();
    let error = if fraction_bits == 0 {
        0.0
    } else {
        (0..segments)
            .map(|segment| {
                let middle = exact((start(segment) + start(segment + 1)) / 2.0);
                ((ends[segment] + ends[segment + 1]) / 2.0 - middle).abs()
            })
            .fold(0.0, f64::max)
    };
    let table = Lut {
        function: sampled.name.to_string(),
        lo: sampled.lo,
        index_bits,
        fraction_bits,
        values: rounded[..segments].to_vec(),
        slopes,
        limbs: sampled.limbs,
    };
    Some((table, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_short_and_accurate() {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let sampled = Sampled {
            name: "sigmoid",
            function: &sigmoid,
            scale: 8,
            lo: -2048,
            bits: 12,
            result_scale: 10,
            limbs: 1,
        };
        let (table, error) = table(&sampled, 12).unwrap();
        assert!(
            error <= 0.25 && table.index_bits < 9,
            "{error} {}",
            table.index_bits
        );
        for u in 0..4096i64 {
            let (i, r) = (
                (u >> table.fraction_bits) as usize,
                u & ((1 << table.fraction_bits) - 1),
            );
            let y = table.values[i] as f64
                + table.slopes[i] as f64 * r as f64 / f64::from(1u32 << table.fraction_bits);
            let x = (u - 2048) as f64 / 256.0;
            assert!((y - sigmoid(x) * 1024.0).abs() < 0.8);
        }
    }
}
