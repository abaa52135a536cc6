//! Structured reference strings: multiples of one point by the powers of a secret, and the same
//! in the Lagrange basis.
//!
//! All points are exact and affine; nothing here runs in constant time.

mod fixed_base;
mod transform;

pub use fixed_base::FixedBase;
pub use transform::lagrange_from_powers;

use crate::{Error, check, root_of_unity};
use ff::{BatchInvert, Field};
use halo2curves::bn256::{Fr, G1Affine};

/// Points computed between two reports of progress.
const STEP: usize = 1 << 15;

/// `base, s base, ..., s^(n-1) base` for `n = 2^k`. `progress` receives the fraction done, and its
/// error ends the work.
///
/// # Errors
/// [`Error::Domain`] if the field has no domain of that size, and those of `progress`.
pub fn powers<E: From<Error>>(
    base: &FixedBase,
    secret: Fr,
    k: u32,
    progress: impl Fn(f64) -> Result<(), E>,
) -> Result<Vec<G1Affine>, E> {
    let n = domain_size("powers", k)?;
    multiples(base, &geometric(secret, n), progress)
}

/// `L_0(s) base, ..., L_(n-1)(s) base` for the Lagrange polynomials of the domain of size
/// `n = 2^k` with the generator `w` that halo2 uses (`Fr::ROOT_OF_UNITY` squared down):
/// `L_i(s) = (s^n - 1) w^i / (n (s - w^i))`, and for a secret in the domain, 1 at its place.
///
/// # Errors
/// [`Error::Domain`] if the field has no domain of that size, and those of `progress`.
pub fn lagrange_from_secret<E: From<Error>>(
    base: &FixedBase,
    secret: Fr,
    k: u32,
    progress: impl Fn(f64) -> Result<(), E>,
) -> Result<Vec<G1Affine>, E> {
    domain_size("lagrange_from_secret", k)?;
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

/// `2^k`, where the field has a domain of that size.
fn domain_size(operation: &'static str, k: u32) -> Result<usize, Error> {
    let found = 1usize.checked_shl(k).unwrap_or(usize::MAX);
    check::domain(operation, found)?;
    Ok(found)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;
    use halo2curves::bn256::G1;

    #[test]
    fn powers_and_values_equal_their_definitions() {
        let progress = |_| Ok::<(), Error>(());
        let secret = Fr::from(77);
        let base = FixedBase::new(G1Affine::generator(), 64, Isa::detect()).unwrap();
        for k in 0..5 {
            let powers = powers(&base, secret, k, progress).unwrap();
            let lagrange = lagrange_from_secret(&base, secret, k, progress).unwrap();
            let omega = root_of_unity(k);
            let roots = geometric(omega, 1 << k);
            for i in 0..1 << k {
                assert_eq!(
                    G1::from(powers[i]),
                    G1::generator() * secret.pow_vartime([i as u64])
                );
                let others = roots.iter().filter(|root| **root != roots[i]);
                let value = others.fold(Fr::ONE, |value, root| {
                    let slope = Option::<Fr>::from((roots[i] - root).invert()).unwrap();
                    value * (secret - root) * slope
                });
                assert_eq!(G1::from(lagrange[i]), G1::generator() * value, "k = {k}, i = {i}");
            }
        }
    }

    #[test]
    fn sizes_without_a_domain_are_errors() {
        let progress = |_| Ok::<(), Error>(());
        let base = FixedBase::new(G1Affine::generator(), 1, Isa::detect()).unwrap();
        for k in [29, 64, u32::MAX] {
            let error = |result| matches!(result, Err(Error::Domain { .. }));
            assert!(error(powers(&base, Fr::ONE, k, progress)));
            assert!(error(lagrange_from_secret(&base, Fr::ONE, k, progress)));
        }
    }

    #[test]
    fn a_secret_in_the_domain_is_a_unit_vector() {
        let progress = |_| Ok::<(), Error>(());
        let base = FixedBase::new(G1Affine::generator(), 64, Isa::detect()).unwrap();
        let lagrange = lagrange_from_secret(&base, root_of_unity(3).square(), 3, progress).unwrap();
        for (i, point) in lagrange.into_iter().enumerate() {
            assert_eq!(G1::from(point), G1::generator() * Fr::from(u64::from(i == 2)));
        }
    }
}
