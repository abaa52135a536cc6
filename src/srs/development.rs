//! Parameters with a secret that this process knows.

use super::fixed_base::FixedBase;
use crate::{Error, Progress, kzg};
use ff::{BatchInvert, Field, PrimeField};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2};
use rand_core::OsRng;

const STAGE: &str = "making a development SRS";

/// Points computed between two progress reports.
const STEP: usize = 1 << 14;

/// Powers of a random secret, in the monomial and in the Lagrange basis.
pub(super) fn generate(k: u32, progress: &Progress) -> Result<ParamsKZG<Bn256>, Error> {
    let n = 1usize << k;
    let secret = usable_secret(n as u64);
    let base = FixedBase::new(G1::generator(), 2 * n);
    let mut done = 0;
    let mut points = |scalars: Vec<Fr>| -> Result<Vec<G1Affine>, Error> {
        let mut out = Vec::with_capacity(n);
        for chunk in scalars.chunks(STEP) {
            progress.report(STAGE, done as f64 / (2 * n) as f64)?;
            out.extend(base.multiply(chunk));
            done += chunk.len();
        }
        Ok(out)
    };
    let g = points(powers(secret, n))?;
    let g_lagrange = points(lagrange_values(secret, k))?;
    progress.report(STAGE, 1.0)?;
    let g2 = G2::generator();
    Ok(kzg::assemble(k, g, g_lagrange, g2.into(), (g2 * secret).into()))
}

/// A random secret under which no point of the parameters is the identity.
fn usable_secret(n: u64) -> Fr {
    loop {
        let secret = Fr::random(OsRng);
        if !bool::from(secret.is_zero()) && secret.pow_vartime([n]) != Fr::ONE {
            return secret;
        }
    }
}

/// `1, s, ..., s^(n-1)`.
fn powers(secret: Fr, n: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |p| Some(p * secret))
        .take(n)
        .collect()
}

/// Values at `s` of the Lagrange polynomials of the domain of size `n = 2^k`:
/// `l_i(s) = (s^n - 1) / n * w^i / (s - w^i)`.
fn lagrange_values(secret: Fr, k: u32) -> Vec<Fr> {
    let n = 1u64 << k;
    let omega = root_of_unity(k);
    let roots = powers(omega, n as usize);
    let mut denominators: Vec<Fr> = roots.iter().map(|root| (secret - root) * Fr::from(n)).collect();
    denominators.iter_mut().batch_invert();
    let vanishing = secret.pow_vartime([n]) - Fr::ONE;
    roots
        .iter()
        .zip(denominators)
        .map(|(root, inverse)| vanishing * root * inverse)
        .collect()
}

/// The generator of halo2's domain of size `2^k`.
pub(super) fn root_of_unity(k: u32) -> Fr {
    (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srs::check;
    use halo2_proofs::arithmetic::g_to_lagrange;

    #[test]
    fn passes_the_checks_of_an_import() {
        for k in [1, 2, 5, 9] {
            let params = generate(k, &Progress::none()).unwrap();
            check::powers(&params).unwrap();
            check::lagrange(&params).unwrap();
        }
    }

    #[test]
    fn equals_halo2_for_a_given_secret() {
        let (k, secret) = (4, Fr::from(1234567));
        let base = FixedBase::new(G1::generator(), 16);
        let ours = kzg::assemble(
            k,
            base.multiply(&powers(secret, 16)),
            base.multiply(&lagrange_values(secret, k)),
            G2::generator().into(),
            (G2::generator() * secret).into(),
        );
        let theirs = kzg::assemble(
            k,
            base.multiply(&powers(secret, 16)),
            g_to_lagrange(
                base.multiply(&powers(secret, 16))
                    .into_iter()
                    .map(G1::from)
                    .collect(),
                k,
            ),
            G2::generator().into(),
            (G2::generator() * secret).into(),
        );
        let bytes = |params: &ParamsKZG<Bn256>| {
            let mut out = Vec::new();
            params
                .write_custom(&mut out, halo2_proofs::SerdeFormat::RawBytes)
                .unwrap();
            out
        };
        assert_eq!(bytes(&ours), bytes(&theirs));
    }

    #[test]
    fn stops_when_cancelled() {
        let progress = Progress::none();
        progress.cancel();
        assert!(matches!(generate(3, &progress), Err(Error::Cancelled)));
    }
}
