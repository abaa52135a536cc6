//! Lagrange bases from powers: an inverse Fourier transform of points.

use super::development::root_of_unity;
use crate::{Error, Progress};
use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;

const STAGE: &str = "computing Lagrange bases";

/// Width of the signed windows of a scalar.
const WINDOW: u32 = 5;

/// `L_i = 1/n sum_j w^(-i j) g_j` for the `n = 2^k` powers `g` and the generator `w` of halo2's domain.
///
/// The points are public, so that nothing here needs constant time.
pub(super) fn bases(g: &[G1Affine], progress: &Progress) -> Result<Vec<G1Affine>, Error> {
    let k = g.len().ilog2();
    debug_assert_eq!(g.len(), 1 << k);
    let inverse_root = root_of_unity(k).invert().unwrap_or(Fr::ONE);
    let twiddles: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |w| Some(w * inverse_root))
        .take((g.len() / 2).max(1))
        .collect();
    let mut points: Vec<G1> = (0..g.len()).map(|i| g[reverse_bits(i, k)].into()).collect();
    for stage in 0..k {
        progress.report(STAGE, f64::from(stage) / f64::from(k))?;
        let half = 1usize << stage;
        let stride = g.len() / (2 * half);
        points.par_chunks_mut(2 * half).for_each(|block| {
            let (low, high) = block.split_at_mut(half);
            low.par_iter_mut()
                .zip(high)
                .enumerate()
                .for_each(|(j, (low, high))| {
                    let product = multiply(high, &twiddles[j * stride]);
                    *high = *low - product;
                    *low += product;
                });
        });
    }
    let scale = Fr::TWO_INV.pow_vartime([u64::from(k)]);
    points
        .par_iter_mut()
        .for_each(|point| *point = multiply(point, &scale));
    let mut out = vec![G1Affine::default(); points.len()];
    G1::batch_normalize(&points, &mut out);
    progress.report(STAGE, 1.0)?;
    Ok(out)
}

fn reverse_bits(i: usize, bits: u32) -> usize {
    if bits == 0 {
        0
    } else {
        i.reverse_bits() >> (usize::BITS - bits)
    }
}

/// `scalar * point` by signed windows.
fn multiply(point: &G1, scalar: &Fr) -> G1 {
    if *scalar == Fr::ONE {
        return *point;
    }
    let double = point.double();
    let mut multiple = *point;
    let odd_multiples: [G1; 1 << (WINDOW - 2)] = std::array::from_fn(|_| {
        let this = multiple;
        multiple += double;
        this
    });
    let mut sum = G1::identity();
    for digit in signed_digits(scalar).into_iter().rev() {
        sum = sum.double();
        let odd = odd_multiples[usize::from(digit.unsigned_abs()) / 2];
        match digit.signum() {
            1 => sum += odd,
            -1 => sum -= odd,
            _ => {}
        }
    }
    sum
}

/// Digits 0 or odd, between `-2^(WINDOW-1)` and `2^(WINDOW-1)`, with `sum_i d_i 2^i = scalar`.
fn signed_digits(scalar: &Fr) -> Vec<i8> {
    let mut limbs = [0u64; 4];
    for (limb, bytes) in limbs.iter_mut().zip(scalar.to_repr().as_ref().chunks_exact(8)) {
        *limb = bytes
            .iter()
            .rev()
            .fold(0, |limb, byte| limb << 8 | u64::from(*byte));
    }
    let mut digits = Vec::with_capacity(256);
    while limbs != [0; 4] {
        let mut digit = 0;
        if limbs[0] & 1 == 1 {
            let low = (limbs[0] & ((1 << WINDOW) - 1)) as i8;
            digit = if low < 1 << (WINDOW - 1) {
                low
            } else {
                low - (1 << WINDOW)
            };
            // The scalar has 254 bits: what is added for a negative digit stays within 256.
            if digit > 0 {
                limbs[0] -= digit as u64;
            } else {
                add(&mut limbs, u64::from(digit.unsigned_abs()));
            }
        }
        digits.push(digit);
        for i in 0..4 {
            limbs[i] = limbs[i] >> 1 | limbs.get(i + 1).map_or(0, |next| next << 63);
        }
    }
    digits
}

fn add(limbs: &mut [u64; 4], x: u64) {
    let mut carry = x;
    for limb in limbs {
        let (sum, overflow) = limb.overflowing_add(carry);
        (*limb, carry) = (sum, overflow.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::arithmetic::g_to_lagrange;
    use rand_core::OsRng;

    #[test]
    fn multiplication_equals_the_curves_own() {
        let point = G1::random(OsRng);
        let edges = [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::from(16),
            Fr::from(31),
            Fr::from(u64::MAX),
            Fr::TWO_INV,
        ];
        let random = std::iter::repeat_with(|| Fr::random(OsRng)).take(50);
        for scalar in edges.into_iter().chain(random) {
            assert_eq!(multiply(&point, &scalar), point * scalar, "{scalar:?}");
        }
    }

    #[test]
    fn equals_halo2s_transform() {
        for k in 0..7 {
            let points: Vec<G1> = (0..1 << k).map(|_| G1::random(OsRng)).collect();
            let affine: Vec<G1Affine> = points.iter().map(|p| (*p).into()).collect();
            let expected: Vec<G1Affine> = g_to_lagrange(points, k);
            assert_eq!(bases(&affine, &Progress::none()).unwrap(), expected, "k = {k}");
        }
    }

    #[test]
    fn stops_when_cancelled() {
        let progress = Progress::none();
        progress.cancel();
        let points = [G1Affine::generator(); 4];
        assert!(matches!(bases(&points, &progress), Err(Error::Cancelled)));
    }
}
