//! The endomorphism of G1 (Gallant, Lambert and Vanstone 2001): `lambda (x, y) = (beta x, y)`.
//!
//! A scalar `k` splits into `k = k1 + lambda k2` with halves of at most 127 bits. The pairs
//! `(a, b)` with `a + lambda b = 0` modulo the group's order `r` are a lattice with the short basis
//! `v1 = (A, U)`, `v2 = (U, -B)`, which the extended Euclidean algorithm on `(r, lambda)` finds. The
//! lattice point next to `(k, 0)` is `c1 v1 + c2 v2` with `c1 = round(k B / r)`,
//! `c2 = round(k U / r)`, and the halves are the difference:
//!
//! ```text
//! k1 = k - c1 A - c2 U        k2 = c2 B - c1 U
//! ```

use ff::PrimeField;
use halo2curves::bn256::{Fq, Fr};

/// A cube root of unity in the base field.
pub(crate) const BETA: Fq = Fq::from_raw([
    0x5763_4731_77ff_fffe,
    0xd4f2_63f1_acdb_5c4f,
    0x59e2_6bce_a0d4_8bac,
    0,
]);

/// The eigenvalue of the endomorphism: a cube root of unity in the scalar field.
#[cfg(test)]
pub(crate) const LAMBDA: Fr = Fr::from_raw([
    0x8b17_ea66_b99c_90dd,
    0x5bfc_4108_8d8d_aaa7,
    0xb3c4_d79d_41a9_1758,
    0,
]);

const A: u128 = 147946756881789319010696353538189108491;
const B: u128 = 147946756881789319000765030803803410728;
const U: u128 = 9931322734385697763;

/// `round(2^256 B / r)`, by words.
const B_OVER_R: [u64; 3] = [
    0x7a7b_d9d4_391e_b18e,
    0x4cce_f014_a773_d2cf,
    0x0000_0000_0000_0002,
];
/// `round(2^256 U / r)`, by words.
const U_OVER_R: [u64; 3] = [
    0xd91d_232e_c7e0_b3d7,
    0x0000_0000_0000_0002,
    0x0000_0000_0000_0000,
];

/// Halves with `scalar = k1 + lambda k2`; both are at most `2^126.1` in absolute value.
///
/// The factors `B / r` and `U / r` are rounded at 256 bits behind the point, which moves a
/// coefficient by less than 0.1, so that each half is at most `0.6 (A + U)`.
pub(crate) fn split(scalar: &Fr) -> [i128; 2] {
    let k = words(scalar);
    let c1 = multiply_high(&k, &B_OVER_R);
    let c2 = multiply_high(&k, &U_OVER_R);
    let low = u128::from(k[0]) | u128::from(k[1]) << 64;
    // The halves fit 128 bits: what is above cancels.
    let k1 = low
        .wrapping_sub(c1.wrapping_mul(A))
        .wrapping_sub(c2.wrapping_mul(U));
    let k2 = c2.wrapping_mul(B).wrapping_sub(c1.wrapping_mul(U));
    [k1 as i128, k2 as i128]
}

/// A scalar as a number between 0 and `r - 1`, least word first.
pub(crate) fn words(scalar: &Fr) -> [u64; 4] {
    let bytes = scalar.to_repr();
    let bytes: &[u8] = bytes.as_ref();
    std::array::from_fn(|i| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[8 * i..8 * i + 8]);
        u64::from_le_bytes(word)
    })
}

/// `round(k factor / 2^256)`, below `2^128` for the two factors above.
fn multiply_high(k: &[u64; 4], factor: &[u64; 3]) -> u128 {
    let mut product = [0u64; 7];
    // One half, which turns the shift into rounding.
    product[3] = 1 << 63;
    for (i, k) in k.iter().enumerate() {
        let mut carry = 0;
        for (j, factor) in factor.iter().enumerate() {
            let sum = u128::from(*k) * u128::from(*factor) + u128::from(product[i + j]) + carry;
            product[i + j] = sum as u64;
            carry = sum >> 64;
        }
        // Nothing was added above this word but the half, which leaves room for the carry.
        for word in &mut product[i + 3..] {
            let sum = u128::from(*word) + carry;
            *word = sum as u64;
            carry = sum >> 64;
        }
    }
    u128::from(product[4]) | u128::from(product[5]) << 64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::{Field, PrimeField};
    use halo2curves::bn256::{G1, G1Affine};
    use proptest::prelude::*;

    fn signed(value: i128) -> Fr {
        let magnitude = Fr::from_u128(value.unsigned_abs());
        if value < 0 { -magnitude } else { magnitude }
    }

    fn check(scalar: Fr) {
        let [k1, k2] = split(&scalar);
        assert_eq!(signed(k1) + LAMBDA * signed(k2), scalar, "{scalar:?}");
        let bound = (A + U) / 10 * 6;
        assert!(
            k1.unsigned_abs() <= bound && k2.unsigned_abs() <= bound,
            "{scalar:?}: {k1}, {k2}"
        );
    }

    #[test]
    fn lambda_is_the_eigenvalue_of_beta() {
        let g = G1Affine::generator();
        let image = G1Affine {
            x: g.x * BETA,
            y: g.y,
        };
        assert_eq!(G1::from(g) * LAMBDA, G1::from(image));
    }

    #[test]
    fn the_basis_lies_in_the_lattice() {
        assert_eq!(Fr::from_u128(A) + LAMBDA * Fr::from_u128(U), Fr::ZERO);
        assert_eq!(Fr::from_u128(U) - LAMBDA * Fr::from_u128(B), Fr::ZERO);
    }

    #[test]
    fn edges_split() {
        let half = Fr::from(2).invert().unwrap();
        for scalar in [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            LAMBDA,
            -LAMBDA,
            LAMBDA.square(),
            half,
        ] {
            check(scalar);
            check(scalar + Fr::ONE);
            check(scalar - Fr::ONE);
        }
        // Where a coefficient of the nearest lattice point changes: halves of the basis.
        for (x, y) in [
            (A / 2, U / 2),
            (U / 2, B / 2),
            ((A + U) / 2, B / 2),
            (A / 2, (B + U) / 2),
        ] {
            for (dx, dy) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let (x, y) = (Fr::from_u128(x + dx), LAMBDA * Fr::from_u128(y + dy));
                for scalar in [x + y, x - y, y - x, -x - y] {
                    check(scalar);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_scalar_splits(bytes in prop::array::uniform32(any::<u8>())) {
            let mut wide = [0; 64];
            wide[..32].copy_from_slice(&bytes);
            check(ff::FromUniformBytes::from_uniform_bytes(&wide));
        }
    }
}
