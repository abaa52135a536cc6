//! Many multiples of one point.

use ff::PrimeField;
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;

const SCALAR_BITS: usize = 254;

/// Multiples `d * 2^(w * window) * base` for every digit `d > 0` and every window `w`, so that
/// a multiplication is one addition for each window.
pub(super) struct FixedBase {
    window: usize,
    table: Vec<Vec<G1Affine>>,
}

impl FixedBase {
    /// Prepares a window size that suits about `count` multiplications.
    pub(super) fn new(base: G1, count: usize) -> Self {
        let window = (count.max(2).ilog2() as usize).saturating_sub(3).clamp(3, 13);
        let mut bases = Vec::new();
        let mut power = base;
        for _ in 0..SCALAR_BITS.div_ceil(window) {
            bases.push(power);
            for _ in 0..window {
                power = power.double();
            }
        }
        let row = |base: &G1| {
            let mut multiples = Vec::with_capacity((1 << window) - 1);
            let mut multiple = *base;
            for _ in 1..1usize << window {
                multiples.push(multiple);
                multiple += base;
            }
            normalize(&multiples)
        };
        Self {
            window,
            table: bases.par_iter().map(row).collect(),
        }
    }

    /// `scalar * base` for every scalar.
    pub(super) fn multiply(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        const CHUNK: usize = 1 << 10;
        let mut out = vec![G1Affine::default(); scalars.len()];
        out.par_chunks_mut(CHUNK)
            .zip(scalars.par_chunks(CHUNK))
            .for_each(|(out, scalars)| {
                let products: Vec<G1> = scalars.iter().map(|s| self.multiply_one(s)).collect();
                G1::batch_normalize(&products, out);
            });
        out
    }

    fn multiply_one(&self, scalar: &Fr) -> G1 {
        let repr = scalar.to_repr();
        let bytes: &[u8] = repr.as_ref();
        let mut sum = G1::identity();
        for (w, row) in self.table.iter().enumerate() {
            let digit = digit(bytes, w * self.window, self.window);
            if digit > 0 {
                sum += row[digit - 1];
            }
        }
        sum
    }
}

/// Bits `[start, start + len)` of a little-endian number; `len` is at most 24.
fn digit(bytes: &[u8], start: usize, len: usize) -> usize {
    let mut word = [0; 4];
    let tail = &bytes[(start / 8).min(bytes.len())..];
    let taken = tail.len().min(4);
    word[..taken].copy_from_slice(&tail[..taken]);
    (u32::from_le_bytes(word) >> (start % 8)) as usize & ((1 << len) - 1)
}

fn normalize(points: &[G1]) -> Vec<G1Affine> {
    let mut out = vec![G1Affine::default(); points.len()];
    G1::batch_normalize(points, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use rand_core::OsRng;

    #[test]
    fn equals_plain_multiplication_for_every_window_size() {
        let base = G1::random(OsRng);
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(u64::MAX)];
        scalars.extend((0..20).map(|_| Fr::random(OsRng)));
        for count in [0, 1 << 6, 1 << 10, 1 << 13] {
            let products = FixedBase::new(base, count).multiply(&scalars);
            for (scalar, product) in scalars.iter().zip(products) {
                assert_eq!(G1::from(product), base * scalar, "{count} multiplications");
            }
        }
    }
}
