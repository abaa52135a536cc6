//! Parameters from a known secret, by fixed-base windows: halo2's own setup takes minutes for the
//! larger sizes.

use crate::upstream::{Params256, rng};
use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine, G2};
use rayon::prelude::*;

/// The secret of all parameters.
pub fn secret() -> Fr {
    Fr::from(0x5eed_5eed_5eed_5eed).square()
}

/// The power of the secret that comes after parameters of size `2^k`.
pub fn next_power(k: u32) -> G1Affine {
    (G1::generator() * secret().pow([1 << k])).to_affine()
}

/// Parameters of size `2^k`.
pub fn generate(k: u32) -> Params256 {
    let n = 1u64 << k;
    let secret = secret();
    let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
    // L_i(s) = (s^n - 1) w^i / (n (s - w^i))
    let scale = (secret.pow([n]) - Fr::ONE) * Fr::from(n).invert().unwrap();
    let powers: Vec<Fr> = (0..n).into_par_iter().map(|i| secret.pow([i])).collect();
    let lagrange: Vec<Fr> = (0..n)
        .into_par_iter()
        .map(|i| {
            let root = omega.pow([i]);
            scale * root * (secret - root).invert().unwrap()
        })
        .collect();
    let table = Table::new();
    let g2 = G2::generator();
    Params256::setup(1, rng(7)).from_parts(
        k,
        table.multiply(&powers),
        Some(table.multiply(&lagrange)),
        g2.into(),
        (g2 * secret).into(),
    )
}

/// `table[window][digit] = digit 2^(8 window) G`
struct Table(Vec<Vec<G1Affine>>);

impl Table {
    fn new() -> Self {
        let mut base = G1::generator();
        let windows = (0..32).map(|_| {
            let multiples: Vec<G1> = (0..256)
                .scan(G1::identity(), |sum, _| {
                    let now = *sum;
                    *sum += base;
                    Some(now)
                })
                .collect();
            base = multiples[255] + base;
            let mut affine = vec![G1Affine::default(); multiples.len()];
            G1::batch_normalize(&multiples, &mut affine);
            affine
        });
        Self(windows.collect())
    }

    fn multiply(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let multiple = |scalar: &Fr| {
            let repr = scalar.to_repr();
            let digits = self.0.iter().zip(repr.as_ref());
            digits.fold(G1::identity(), |sum, (window, digit)| {
                sum + window[usize::from(*digit)]
            })
        };
        let points: Vec<G1> = scalars.par_iter().map(multiple).collect();
        let mut affine = vec![G1Affine::default(); points.len()];
        G1::batch_normalize(&points, &mut affine);
        affine
    }
}
