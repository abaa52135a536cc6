//! Inverses of many elements.

use super::PIECE;
use ff::Field;
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Replaces every element by its inverse, and zero by zero: Montgomery's trick, with one inversion
/// a piece and three products an element.
pub(crate) fn batch_invert(values: &mut [Fr]) {
    values.par_chunks_mut(PIECE).for_each_init(
        || Vec::with_capacity(PIECE),
        |before, piece| {
            before.clear();
            let mut product = Fr::ONE;
            for value in piece.iter() {
                before.push(product);
                if *value != Fr::ZERO {
                    product *= value;
                }
            }
            // A product of elements other than zero has an inverse.
            let mut inverse = product.invert().unwrap_or(Fr::ZERO);
            for (value, before) in piece.iter_mut().zip(before.iter()).rev() {
                if *value != Fr::ZERO {
                    let current = *value;
                    *value = inverse * before;
                    inverse *= current;
                }
            }
        },
    );
}
