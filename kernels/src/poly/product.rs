//! Running products.

use super::PIECE;
use ff::Field;
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// `out_0 = start`, `out_(i+1) = out_i v_i`: the products of the pieces first, then all pieces from
/// their own starts.
pub(crate) fn running_product(values: &[Fr], start: Fr) -> Vec<Fr> {
    let products: Vec<Fr> = values
        .par_chunks(PIECE)
        .map(|piece| piece.iter().fold(Fr::ONE, |a, b| a * b))
        .collect();
    let starts: Vec<Fr> = products
        .iter()
        .scan(start, |product, piece| {
            let before = *product;
            *product *= piece;
            Some(before)
        })
        .collect();
    let mut result = vec![Fr::ZERO; values.len()];
    let pieces = result
        .par_chunks_mut(PIECE)
        .zip(values.par_chunks(PIECE))
        .zip(starts);
    pieces.for_each(|((result, values), mut product)| {
        for (result, value) in result.iter_mut().zip(values) {
            *result = product;
            product *= value;
        }
    });
    result
}
