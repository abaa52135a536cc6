//! Parameters with a secret that this process knows.

use crate::{Error, Progress, kzg};
use ff::Field;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2};
use rand_core::OsRng;
use zkml_kernels::Isa;
use zkml_kernels::srs::{FixedBase, lagrange_from_secret, powers};

const STAGE: &str = "making a development SRS";

/// Powers of a random secret, in the monomial and in the Lagrange basis, and the next power.
#[tracing::instrument(level = "debug", name = "development_srs", skip_all)]
pub(super) fn generate(k: u32, progress: &Progress) -> Result<(ParamsKZG<Bn256>, G1Affine), Error> {
    from_secret(usable_secret(1 << k), k, progress)
}

fn from_secret(secret: Fr, k: u32, progress: &Progress) -> Result<(ParamsKZG<Bn256>, G1Affine), Error> {
    let report = |before: f64| move |done: f64| progress.report(STAGE, before + done / 2.0);
    let base = FixedBase::new(G1Affine::generator(), 2 << k, Isa::detect())?;
    let g = powers(&base, secret, k, report(0.0))?;
    let g_lagrange = lagrange_from_secret(&base, secret, k, report(0.5))?;
    let next = G1::generator() * secret.pow_vartime([1 << k]);
    let g2 = G2::generator();
    let params = kzg::assemble(k, g, g_lagrange, g2.into(), (g2 * secret).into());
    Ok((params, next.into()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srs::{check, raw};
    use halo2_proofs::arithmetic::g_to_lagrange;

    #[test]
    fn passes_the_checks_of_an_import() {
        for k in [1, 2, 5, 9] {
            let (params, next) = generate(k, &Progress::none()).unwrap();
            check::powers(&params, Some(next)).unwrap();
            check::lagrange(&params).unwrap();
        }
    }

    #[test]
    fn equals_halo2_for_a_given_secret() {
        let (k, secret) = (4, Fr::from(1234567));
        let points: Vec<G1> = (0..1 << k)
            .map(|i| G1::generator() * secret.pow_vartime([i]))
            .collect();
        let upstream = kzg::assemble(
            k,
            points.iter().map(G1Affine::from).collect(),
            g_to_lagrange(points, k),
            G2::generator().into(),
            (G2::generator() * secret).into(),
        );
        let (ours, _) = from_secret(secret, k, &Progress::none()).unwrap();
        assert_eq!(raw::encode(&ours).unwrap(), raw::encode(&upstream).unwrap());
    }

    #[test]
    fn stops_when_cancelled() {
        let progress = Progress::none();
        progress.cancel();
        assert!(matches!(generate(3, &progress), Err(Error::Cancelled)));
    }
}
