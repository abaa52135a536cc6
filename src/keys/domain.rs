//! The evaluation domain of a verifier.

use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::Fr;
use std::collections::HashMap;

/// What [`EvaluationDomain::new`] makes, without the tables for Fourier transforms: those take
/// time and memory that grow with the circuit, and a verifier transforms nothing.
pub(super) fn verifier_domain(degree: u32, k: u32) -> EvaluationDomain<Fr> {
    let n = 1u64 << k;
    let quotient_poly_degree = u64::from(degree) - 1;
    let extended_k = k + quotient_poly_degree.next_power_of_two().ilog2();
    let root = |k: u32| (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
    let (omega, extended_omega) = (root(k), root(extended_k));
    // Powers of the roots of unity: the inverse is the power by the order less one.
    let inverse = |root: Fr, k: u32| root.pow_vartime([(1u64 << k) - 1]);
    let two_inverse_power = |k: u32| Fr::TWO_INV.pow_vartime([u64::from(k)]);
    let step = extended_omega.pow_vartime([n]);
    let cosets = std::iter::successors(Some(Fr::ZETA.pow_vartime([n])), |c| Some(c * step));
    let t_evaluations = cosets
        .take(1 << (extended_k - k))
        .map(|c| (c - Fr::ONE).invert().unwrap_or(Fr::ZERO))
        .collect();
    EvaluationDomain {
        n,
        k,
        extended_k,
        omega,
        omega_inv: inverse(omega, k),
        extended_omega,
        extended_omega_inv: inverse(extended_omega, extended_k),
        g_coset: Fr::ZETA,
        g_coset_inv: Fr::ZETA.square(),
        quotient_poly_degree,
        ifft_divisor: two_inverse_power(k),
        extended_ifft_divisor: two_inverse_power(extended_k),
        t_evaluations,
        barycentric_weight: two_inverse_power(k),
        fft_data: HashMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_halo2s_but_for_the_tables() {
        for (degree, k) in [(3, 4), (4, 5), (5, 6), (5, 9), (6, 3), (9, 7)] {
            let (ours, theirs) = (verifier_domain(degree, k), EvaluationDomain::<Fr>::new(degree, k));
            let fields = |d: &EvaluationDomain<Fr>| {
                let numbers = (
                    d.n,
                    d.k,
                    d.extended_k,
                    d.quotient_poly_degree,
                    d.t_evaluations.clone(),
                );
                let elements = [
                    d.omega,
                    d.omega_inv,
                    d.extended_omega,
                    d.extended_omega_inv,
                    d.g_coset,
                    d.g_coset_inv,
                    d.ifft_divisor,
                    d.extended_ifft_divisor,
                    d.barycentric_weight,
                ];
                (numbers, elements)
            };
            assert_eq!(fields(&ours), fields(&theirs), "degree {degree}, k = {k}");
        }
    }
}
