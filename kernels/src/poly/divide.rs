//! Division by `X - root`.

use super::PIECE;
use ff::Field;
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Replaces a polynomial by its quotient by `X - root`, the highest coefficient by zero.
///
/// The quotient's coefficients are `q_(n-1) = 0` and `q_(i-1) = c_i + root q_i`. Each piece's value
/// at the root gives what it adds to the coefficients below; with those carries known, all pieces
/// divide independently.
pub(crate) fn divide_by_linear(coefficients: &mut [Fr], root: Fr) {
    let horner = |piece: &[Fr], carry: Fr| piece.iter().rev().fold(carry, |sum, c| sum * root + c);
    let values: Vec<Fr> = coefficients
        .par_chunks(PIECE)
        .map(|piece| horner(piece, Fr::ZERO))
        .collect();
    let shift = root.pow_vartime([PIECE as u64]);
    let mut carries = vec![Fr::ZERO; values.len()];
    for piece in (1..values.len()).rev() {
        carries[piece - 1] = values[piece] + shift * carries[piece];
    }
    coefficients
        .par_chunks_mut(PIECE)
        .zip(carries)
        .for_each(|(piece, mut carry)| {
            for coefficient in piece.iter_mut().rev() {
                let next = *coefficient + root * carry;
                *coefficient = carry;
                carry = next;
            }
        });
}
