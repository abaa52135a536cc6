//! Structured reference strings: multiples of one point by the powers of a secret, and the same
//! in the Lagrange basis.
//!
//! All points are exact and affine; nothing here runs in constant time.

mod fixed_base;

pub use fixed_base::FixedBase;

use ff::{BatchInvert, Field, PrimeField};
use halo2curves::bn256::{Fr, G1Affine};

/// Points computed between two reports of progress.
const STEP: usize = 1 << 15;

/// `base, s base, ..., s^(n-1) base` for `n = 2^k`. `progress` receives the fraction done, and its
/// error ends the work.
///
/// # Errors
/// Those of `progress`.
pub fn powers<E>(
    base: &FixedBase,
    secret: Fr,
    k: u32,
    progress: impl Fn(f64) -> Result<(), E>,
) -> Result<Vec<G1Affine>, E> {
    multiples(base, &geometric(secret, 1 << k), progress)
}

/// `L_0(s) base, ..., L_(n-1)(s) base` for the Lagrange polynomials of the domain of size
/// `n = 2^k` with the generator `w` that halo2 uses (`Fr::ROOT_OF_UNITY` squared down):
/// `L_i(s) = (s^n - 1) w^i / (n (s - w^i))`, and for a secret in the domain, 1 at its place.
///
/// # Errors
/// Those of `progress`.
pub fn lagrange_from_secret<E>(
    base: &FixedBase,
    secret: Fr,
    k: u32,
    progress: impl Fn(f64) -> Result<(), E>,
) -> Result<Vec<G1Affine>, E> {
    multiples(base, &lagrange_values(secret, k), progress)
}

fn multiples<E>(
    base: &FixedBase,
    scalars: &[Fr],
    progress: impl Fn(f64) -> Result<(), E>,
) -> Result<Vec<G1Affine>, E> {
    let mut out = Vec::with_capacity(scalars.len());
    for step in scalars.chunks(STEP) {
        progress(out.len() as f64 / scalars.len() as f64)?;
        out.append(&mut base.multiply(step));
    }
    progress(1.0)?;
    Ok(out)
}

/// `1, x, ..., x^(n-1)`.
fn geometric(ratio: Fr, n: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |power| Some(power * ratio))
        .take(n)
        .collect()
}

fn lagrange_values(secret: Fr, k: u32) -> Vec<Fr> {
    let n = 1u64 << k;
    let roots = geometric(root_of_unity(k), n as usize);
    let mut values: Vec<Fr> = roots.iter().map(|root| (secret - root) * Fr::from(n)).collect();
    if let Some(own) = values.iter().position(|value| bool::from(value.is_zero())) {
        return (0..values.len()).map(|i| Fr::from(u64::from(i == own))).collect();
    }
    values.iter_mut().batch_invert();
    let vanishing = secret.pow_vartime([n]) - Fr::ONE;
    for (value, root) in values.iter_mut().zip(roots) {
        *value *= vanishing * root;
    }
    values
}

/// The generator of halo2's domain of size `2^k`.
fn root_of_unity(k: u32) -> Fr {
    (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}
