//! Transforms without lanes.
//!
//! The same butterflies as on lanes ([`super::roots`] explains their factors), depth first, so that
//! each half of the problem that fits in a cache stays there. Values are below `4p` between levels.

use super::roots::reversed;
use super::{Direction, Transforms};
use crate::field::scalar::{add, halve, mul, reduce, sub};
use crate::field::words::{Words, words, words_mut};
use crate::oracle::root_of_unity;
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::sync::OnceLock;

/// Factors in the first table: 2 MiB.
const NEAR_LEVELS: u32 = 16;
/// Elements below which one thread is as fast as several.
const PARALLEL: usize = 1 << 11;
/// Elements of one piece of a parallel loop.
const PIECE: usize = 1 << 10;

/// The factors of all blocks: the one of block `i` is that of its low bits times that of its high
/// ones.
struct Roots {
    near: Box<[Words]>,
    far: Box<[Words]>,
}

impl Roots {
    fn new(inverse: bool) -> Self {
        let root = |levels| {
            let root = root_of_unity(levels);
            if inverse {
                root.invert().unwrap_or(Fr::ZERO)
            } else {
                root
            }
        };
        let near = reversed(1 << NEAR_LEVELS, root(NEAR_LEVELS + 1));
        // Blocks `j 2^16`: each bit of `j` weighs `2^-16` of what it weighs in the first table.
        let far = reversed(1 << (Fr::S - 1 - NEAR_LEVELS), root(Fr::S));
        Self {
            near: words(&near).into(),
            far: words(&far).into(),
        }
    }

    /// The factor of a block.
    fn factor(&self, block: usize) -> Words {
        let near = self.near[block % (1 << NEAR_LEVELS)];
        match block >> NEAR_LEVELS {
            0 => near,
            // The table's factors are reduced, so the product needs one reduction to be one too.
            far => reduce::<Fr>(mul::<Fr>(near, self.far[far])),
        }
    }
}

/// Transforms without lanes.
#[derive(Default)]
pub(crate) struct ScalarTransforms {
    forward: OnceLock<Roots>,
    inverse: OnceLock<Roots>,
}

impl ScalarTransforms {
    fn roots(&self, inverse: bool) -> &Roots {
        let cell = if inverse { &self.inverse } else { &self.forward };
        cell.get_or_init(|| Roots::new(inverse))
    }

    /// The transform of `work`, in order, in `target`.
    fn finish(&self, mut work: Vec<Words>, target: &mut [Words], direction: Direction) {
        match direction {
            Direction::Forward { shift } => {
                if shift != Fr::ONE {
                    scale(&mut work, Fr::ONE, shift);
                }
                descend(&mut work, self.roots(false), 0);
                reorder(&work, target, None);
            }
            Direction::Inverse { unshift } => {
                descend(&mut work, self.roots(true), 0);
                let count = Fr::from(work.len() as u64).invert().unwrap_or(Fr::ZERO);
                if unshift == Fr::ONE {
                    reorder(&work, target, Some(words(&[count])[0]));
                } else {
                    reorder(&work, target, None);
                    scale(target, count, unshift);
                }
            }
        }
    }
}

/// Block `index` of its level and all levels below it; result `k` stands at `reverse(k)`.
fn descend(values: &mut [Words], roots: &Roots, index: usize) {
    let half = values.len() / 2;
    if half == 0 {
        return;
    }
    let (low, high) = values.split_at_mut(half);
    let factor = roots.factor(index);
    if values_are_many(half) {
        let pieces = low.par_chunks_mut(PIECE).zip(high.par_chunks_mut(PIECE));
        pieces.for_each(|(low, high)| butterflies(low, high, factor, index == 0));
        rayon::join(
            || descend(low, roots, 2 * index),
            || descend(high, roots, 2 * index + 1),
        );
    } else {
        butterflies(low, high, factor, index == 0);
        descend(low, roots, 2 * index);
        descend(high, roots, 2 * index + 1);
    }
}

/// Whether a loop over so many elements is worth several threads.
fn values_are_many(count: usize) -> bool {
    count >= PARALLEL && rayon::current_num_threads() > 1
}

/// `(a + w b, a - w b)` for all pairs; the factor of block 0 is one.
fn butterflies(low: &mut [Words], high: &mut [Words], factor: Words, free: bool) {
    for (a, b) in low.iter_mut().zip(high) {
        let product = if free {
            halve::<Fr>(*b)
        } else {
            mul::<Fr>(*b, factor)
        };
        let value = halve::<Fr>(*a);
        *a = add(value, product);
        *b = sub::<Fr>(value, product);
    }
}

/// Multiplies element `i` by `scale ratio^i`, reduced.
fn scale(values: &mut [Words], scale: Fr, ratio: Fr) {
    values
        .par_chunks_mut(PIECE)
        .enumerate()
        .for_each(|(piece, values)| {
            let mut factor = words(&[scale * ratio.pow_vartime([(piece * PIECE) as u64])])[0];
            let ratio = words(&[ratio])[0];
            for value in values {
                *value = reduce::<Fr>(mul::<Fr>(*value, factor));
                factor = reduce::<Fr>(mul::<Fr>(factor, ratio));
            }
        });
}

/// From `reverse(k)` to `k`, reduced and multiplied by `factor` if there is one.
fn reorder(source: &[Words], target: &mut [Words], factor: Option<Words>) {
    let unused = u64::BITS - source.len().trailing_zeros();
    target
        .par_chunks_mut(PIECE)
        .enumerate()
        .for_each(|(piece, target)| {
            for (i, value) in target.iter_mut().enumerate() {
                let k = (piece * PIECE + i) as u64;
                let found = source[k.reverse_bits().checked_shr(unused).unwrap_or(0) as usize];
                *value = reduce::<Fr>(factor.map_or(found, |factor| mul::<Fr>(found, factor)));
            }
        });
}

impl Transforms for ScalarTransforms {
    fn transform(&self, values: &mut [Fr], direction: Direction) {
        let work = words(values).to_vec();
        self.finish(work, words_mut(values), direction);
    }

    fn transform_into(&self, source: &[Fr], target: &mut [Fr], direction: Direction) {
        self.finish(words(source).to_vec(), words_mut(target), direction);
    }
}
