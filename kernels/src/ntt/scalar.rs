//! Transforms without lanes.
//!
//! The same butterflies as on lanes ([`super::roots`] explains their factors), two levels at a time
//! and depth first, so that each quarter of the problem that fits in a cache stays there. Values are
//! below `4p` between levels.

use super::roots::reversed;
use super::{Direction, Transforms};
use crate::field::scalar::{Single, SingleKernel, add, halve, reduce, sub, with_single};
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
    #[inline(always)]
    fn factor(&self, single: impl Single, block: usize) -> Words {
        let near = self.near[block % (1 << NEAR_LEVELS)];
        match block >> NEAR_LEVELS {
            0 => near,
            // The table's factors are reduced, so the product needs one reduction to be one too.
            far => reduce::<Fr>(single.mul::<Fr>(&near, &self.far[far])),
        }
    }
}

/// Transforms without lanes.
pub(crate) struct ScalarTransforms<S> {
    single: S,
    forward: OnceLock<Roots>,
    inverse: OnceLock<Roots>,
}

/// Transforms with the best products of this machine.
pub(crate) fn scalar_transforms() -> Box<dyn Transforms> {
    struct Boxed;
    impl SingleKernel for Boxed {
        type Output = Box<dyn Transforms>;
        fn run(self, single: impl Single) -> Self::Output {
            Box::new(ScalarTransforms::new(single))
        }
    }
    with_single(Boxed)
}

impl<S: Single> ScalarTransforms<S> {
    /// Transforms with the products that `single` vouches for.
    pub(crate) fn new(single: S) -> Self {
        Self {
            single,
            forward: OnceLock::new(),
            inverse: OnceLock::new(),
        }
    }

    fn roots(&self, inverse: bool) -> &Roots {
        let cell = if inverse { &self.inverse } else { &self.forward };
        cell.get_or_init(|| Roots::new(inverse))
    }

    /// The transform of `work`, in order, in `target`.
    fn finish(&self, mut work: Vec<Words>, target: &mut [Words], direction: Direction) {
        let single = self.single;
        match direction {
            Direction::Forward { shift } => {
                if shift != Fr::ONE {
                    scale(single, &mut work, Fr::ONE, shift);
                }
                descend(single, &mut work, self.roots(false), 0);
                reorder(single, &work, target, None);
            }
            Direction::Inverse { unshift } => {
                descend(single, &mut work, self.roots(true), 0);
                let count = Fr::from(work.len() as u64).invert().unwrap_or(Fr::ZERO);
                if unshift == Fr::ONE {
                    reorder(single, &work, target, Some(words(&[count])[0]));
                } else {
                    reorder(single, &work, target, None);
                    scale(single, target, count, unshift);
                }
            }
        }
    }
}

/// Block `index` of its level and all levels below it; result `k` is at `reverse(k)`.
fn descend<S: Single>(single: S, values: &mut [Words], roots: &Roots, index: usize) {
    if values.len() < 4 {
        if let [a, b] = values {
            butterfly(single, a, b, &roots.factor(single, index), index == 0);
        }
        return;
    }
    let factors = Factors {
        first: roots.factor(single, index),
        second: [2 * index, 2 * index + 1].map(|block| roots.factor(single, block)),
        free: index == 0,
    };
    let (low, high) = values.split_at_mut(values.len() / 2);
    let quarter = low.len() / 2;
    let ((a, b), (c, d)) = (low.split_at_mut(quarter), high.split_at_mut(quarter));
    if values_are_many(quarter) {
        let pairs = a.par_chunks_mut(PIECE).zip(b.par_chunks_mut(PIECE));
        let other = c.par_chunks_mut(PIECE).zip(d.par_chunks_mut(PIECE));
        pairs
            .zip(other)
            .for_each(|((a, b), (c, d))| two_levels(single, [a, b, c, d], &factors));
        let below = |values, quarter| descend(single, values, roots, 4 * index + quarter);
        rayon::join(
            || rayon::join(|| below(a, 0), || below(b, 1)),
            || rayon::join(|| below(c, 2), || below(d, 3)),
        );
    } else {
        two_levels(single, [a, b, c, d], &factors);
        let (low, high) = values.split_at_mut(2 * quarter);
        for (i, values) in low
            .chunks_mut(quarter)
            .chain(high.chunks_mut(quarter))
            .enumerate()
        {
            descend(single, values, roots, 4 * index + i);
        }
    }
}

/// Whether a loop over so many elements is worth several threads.
fn values_are_many(count: usize) -> bool {
    count >= PARALLEL && rayon::current_num_threads() > 1
}

/// The factors of a block and of the two below it.
struct Factors {
    first: Words,
    second: [Words; 2],
    /// Whether the first of each is one.
    free: bool,
}

/// Two levels on the quarters of a block.
#[inline(always)]
fn two_levels(single: impl Single, [a, b, c, d]: [&mut [Words]; 4], factors: &Factors) {
    // The condition is the same for all: two loops, each without it.
    if factors.free {
        quarters(single, [a, b, c, d], factors, true);
    } else {
        quarters(single, [a, b, c, d], factors, false);
    }
}

/// See [`two_levels`].
#[inline(always)]
fn quarters(single: impl Single, [a, b, c, d]: [&mut [Words]; 4], factors: &Factors, free: bool) {
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        butterfly(single, a, c, &factors.first, free);
        butterfly(single, b, d, &factors.first, free);
        butterfly(single, a, b, &factors.second[0], free);
        butterfly(single, c, d, &factors.second[1], false);
    }
}

/// `(a + w b, a - w b)`, where `w` is one if `free`.
#[inline(always)]
fn butterfly(single: impl Single, a: &mut Words, b: &mut Words, factor: &Words, free: bool) {
    let product = if free {
        halve::<Fr>(*b)
    } else {
        single.mul::<Fr>(factor, b)
    };
    let value = halve::<Fr>(*a);
    *a = add(value, product);
    *b = sub::<Fr, 2>(value, product);
}

/// Multiplies element `i` by `scale ratio^i`, reduced.
fn scale(single: impl Single, values: &mut [Words], scale: Fr, ratio: Fr) {
    values
        .par_chunks_mut(PIECE)
        .enumerate()
        .for_each(|(piece, values)| {
            let mut factor = words(&[scale * ratio.pow_vartime([(piece * PIECE) as u64])])[0];
            let ratio = words(&[ratio])[0];
            for value in values {
                *value = reduce::<Fr>(single.mul::<Fr>(&factor, value));
                factor = reduce::<Fr>(single.mul::<Fr>(&factor, &ratio));
            }
        });
}

/// From `reverse(k)` to `k`, reduced and multiplied by `factor` if there is one.
fn reorder(single: impl Single, source: &[Words], target: &mut [Words], factor: Option<Words>) {
    let unused = u64::BITS - source.len().trailing_zeros();
    target
        .par_chunks_mut(PIECE)
        .enumerate()
        .for_each(|(piece, target)| {
            for (i, value) in target.iter_mut().enumerate() {
                let k = (piece * PIECE + i) as u64;
                let found = source[k.reverse_bits().checked_shr(unused).unwrap_or(0) as usize];
                *value = reduce::<Fr>(factor.map_or(found, |factor| single.mul::<Fr>(&factor, &found)));
            }
        });
}

impl<S: Single> Transforms for ScalarTransforms<S> {
    fn transform(&self, values: &mut [Fr], direction: Direction) {
        let work = words(values).to_vec();
        self.finish(work, words_mut(values), direction);
    }

    fn transform_into(&self, source: &[Fr], target: &mut [Fr], direction: Direction) {
        self.finish(words(source).to_vec(), words_mut(target), direction);
    }
}
