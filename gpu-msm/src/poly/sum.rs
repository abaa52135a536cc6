//! Sums of many terms: linear combinations of vectors, and polynomials' values.

use super::PIECE;
use ff::Field;
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// `sum_j c_j v_j` for at least one term; shorter vectors count as followed by zeros.
pub(crate) fn linear_combination(terms: &[(Fr, &[Fr])]) -> Vec<Fr> {
    let length = terms.iter().map(|(_, vector)| vector.len()).max().unwrap_or(0);
    let mut sums = vec![Fr::ZERO; length];
    sums.par_chunks_mut(PIECE).enumerate().for_each(|(piece, sums)| {
        for (factor, vector) in terms {
            let values = vector.get(piece * PIECE..).unwrap_or(&[]);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += *factor * value;
            }
        }
    });
    sums
}

/// The value of a polynomial at a point: Horner's rule by pieces.
pub(crate) fn evaluate(coefficients: &[Fr], point: Fr) -> Fr {
    let horner = |values: &[Fr], point: Fr| {
        values
            .iter()
            .rev()
            .fold(Fr::ZERO, |sum, value| sum * point + value)
    };
    let pieces: Vec<Fr> = coefficients
        .par_chunks(PIECE)
        .map(|piece| horner(piece, point))
        .collect();
    horner(&pieces, point.pow_vartime([PIECE as u64]))
}
