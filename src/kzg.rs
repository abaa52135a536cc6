//! Points of KZG parameters: strict decoding, and assembling halo2's type from parts.
//!
//! Points are stored uncompressed, each coordinate in Montgomery form, little-endian: the form
//! of halo2's raw parameters and of `.ptau` files.

use group::prime::PrimeCurveAffine;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, G1Affine, G2, G2Affine};
use halo2curves::group::cofactor::CofactorGroup;
use halo2curves::serde::SerdeObject;
use rand_core::OsRng;
use std::sync::OnceLock;

/// Bytes of a point of G1.
pub(crate) const G1_LEN: usize = 64;
/// Bytes of a point of G2.
pub(crate) const G2_LEN: usize = 128;

/// A point of G1: coordinates below the modulus, on the curve, not the identity.
pub(crate) fn g1_from_bytes(bytes: &[u8]) -> Option<G1Affine> {
    G1Affine::from_raw_bytes(bytes).filter(|p| !bool::from(p.is_identity()))
}

/// A point of G2: coordinates below the modulus, on the curve, in the subgroup of prime order,
/// not the identity.
pub(crate) fn g2_from_bytes(bytes: &[u8]) -> Option<G2Affine> {
    let point = G2Affine::from_raw_bytes(bytes)?;
    let sound = !bool::from(point.is_identity()) && bool::from(G2::from(point).is_torsion_free());
    sound.then_some(point)
}

/// halo2's parameters from parts.
pub(crate) fn assemble(
    k: u32,
    g: Vec<G1Affine>,
    g_lagrange: Vec<G1Affine>,
    g2: G2Affine,
    s_g2: G2Affine,
) -> ParamsKZG<Bn256> {
    // halo2 offers the constructor as a method only; the instance takes no part in it.
    static INSTANCE: OnceLock<ParamsKZG<Bn256>> = OnceLock::new();
    INSTANCE
        .get_or_init(|| ParamsKZG::setup(1, OsRng))
        .from_parts(k, g, Some(g_lagrange), g2, s_g2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2curves::CurveAffine;
    use halo2curves::bn256::{Fq, Fq2, Fr, G1};

    #[test]
    fn points_come_back_and_bad_ones_do_not() {
        let p: G1Affine = (G1::generator() * Fr::from(77)).into();
        let bytes = p.to_raw_bytes();
        assert_eq!(bytes.len(), G1_LEN);
        assert_eq!(g1_from_bytes(&bytes), Some(p));
        assert_eq!(g1_from_bytes(&bytes[1..]), None);
        assert_eq!(g1_from_bytes(&[0; G1_LEN]), None);
        assert_eq!(g1_from_bytes(&[0xff; G1_LEN]), None);
        let off_curve = G1Affine {
            x: p.x,
            y: p.y + Fq::ONE,
        };
        assert_eq!(g1_from_bytes(&off_curve.to_raw_bytes()), None);

        let q: G2Affine = (G2::generator() * Fr::from(77)).into();
        assert_eq!(g2_from_bytes(&q.to_raw_bytes()), Some(q));
        assert_eq!(g2_from_bytes(&[0; G2_LEN]), None);
    }

    #[test]
    fn a_point_of_the_curve_outside_the_subgroup_is_rejected() {
        let generator = G2Affine::generator();
        let b = generator.y.square() - generator.x.square() * generator.x;
        let stray = (1u64..)
            .find_map(|x| {
                let x = Fq2::from(x);
                let y = Option::<Fq2>::from((x.square() * x + b).sqrt())?;
                let point = G2Affine { x, y };
                (!bool::from(G2::from(point).is_torsion_free())).then_some(point)
            })
            .unwrap();
        assert!(bool::from(stray.is_on_curve()));
        assert_eq!(g2_from_bytes(&stray.to_raw_bytes()), None);
    }
}
