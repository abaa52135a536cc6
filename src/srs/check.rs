//! Checks of parameters that came from outside.
//!
//! Every point has been checked on its own by then (canonical coordinates, on the curve, in the
//! subgroup, not the identity): see [`crate::kzg`].

use crate::Error;
use ff::Field;
use group::Curve;
use group::prime::PrimeCurveAffine;
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::poly::EvaluationDomain;
use halo2_proofs::poly::commitment::{Blind, Params, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine, multi_miller_loop};
use halo2curves::pairing::MillerLoopResult;
use rand_core::OsRng;

fn refuse(reason: &str) -> Result<(), Error> {
    Err(Error::InvalidSrs {
        reason: reason.to_owned(),
    })
}

/// Checks that `g`, and `next` after it, is `G, sG, s^2 G, ...` and `s_g2` is `s H` for the generators `G` and `H`
/// and one `s` other than 0 and 1.
///
/// One pairing equation over random coefficients replaces `e(g[i+1], H) = e(g[i], s H)` for
/// all `i`: it accepts other points with a probability of about 2^-254.
pub(super) fn powers(params: &ParamsKZG<Bn256>, next: Option<G1Affine>) -> Result<(), Error> {
    let (g, g2, s_g2) = (params.get_g(), params.g2(), params.s_g2());
    let g: Vec<G1Affine> = g.iter().copied().chain(next).collect();
    if g.first() != Some(&G1Affine::generator()) {
        return refuse("expected its first point to be the generator of G1, found another point");
    }
    if g2 != G2Affine::generator() {
        return refuse("expected its point of G2 to be the generator, found another point");
    }
    if s_g2 == g2 || bool::from(s_g2.is_identity()) {
        return refuse(
            "expected powers of a secret, found the secret 1 or 0 (a ceremony without contributions)",
        );
    }
    let random: Vec<Fr> = (1..g.len()).map(|_| Fr::random(OsRng)).collect();
    let shifted = best_multiexp(&random, &g[1..]).to_affine();
    let plain = best_multiexp(&random, &g[..g.len() - 1]).to_affine();
    let product =
        multi_miller_loop(&[(&shifted, &g2.into()), (&-plain, &s_g2.into())]).final_exponentiation();
    if !bool::from(group::Group::is_identity(&product)) {
        return refuse(
            "expected the powers of one secret, found points that are not (a pairing check fails)",
        );
    }
    Ok(())
}

/// Checks that the Lagrange bases belong to the powers: both commit to the same point for a
/// random polynomial.
pub(super) fn lagrange(params: &ParamsKZG<Bn256>) -> Result<(), Error> {
    let k = params.k();
    let domain = EvaluationDomain::<Fr>::new(2, k);
    let mut values = domain.empty_lagrange();
    values.iter_mut().for_each(|v| *v = Fr::random(OsRng));
    let by_values = params.commit_lagrange(&values, Blind::default());
    let by_coefficients = params.commit(&domain.lagrange_to_coeff(values), Blind::default());
    if by_values != by_coefficients {
        return refuse("expected Lagrange bases of the powers, found others");
    }
    Ok(())
}
