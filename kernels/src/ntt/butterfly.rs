//! Butterflies on a scratch buffer: the transform of eight vectors, one in each lane.
//!
//! Values are bounded level by level. They enter below `4p`. A butterfly maps `(a, b)` to
//! `(a + w b, a - w b)`; the product is below `6p`, so a level adds at most `6p` to the bound.
//! Where `w` is one, in the first block of the first two levels, `b` itself takes its place: it is
//! below `8p`, and the bound becomes `18p` after two levels. Twelve levels end below `18p + 60p`,
//! or `4p + 72p` on a coset: below `2^260`, as all products need. Limbs grow by `2^58` a level at
//! most, and stay below `2^62`.

use super::roots::Roots;
use crate::field::{Block, Field, Lanes, Limbs, Twiddle};
use halo2curves::bn256::Fr;

/// Levels whose first block is treated as having the factor one.
const FREE_LEVELS: u32 = 2;
/// Levels of the last sweep: their `2^6` blocks of 320 bytes stay in the first-level cache.
const INNER_LEVELS: u32 = 6;
/// Most levels of a sweep before: `2^3` blocks, far apart, share the ways of a cache set.
const OUTER_LEVELS: u32 = 3;

/// `2^levels = data.len()` elements to their transform; result `k` is at `reverse(k)`.
#[inline(always)]
pub(super) fn transform<L: Lanes>(field: Field<Fr, L>, data: &mut [Block], roots: &Roots<L>) {
    let levels = data.len().trailing_zeros();
    let mut level = 0;
    let mut outer = levels.saturating_sub(INNER_LEVELS);
    while level < levels {
        let sweeps = outer.div_ceil(OUTER_LEVELS);
        let count = if outer > 0 {
            outer.div_ceil(sweeps)
        } else {
            levels - level
        };
        sweep(field, data, roots, level, count);
        level += count;
        outer = outer.saturating_sub(count);
    }
}

/// Levels `first..first + count`: all of them on one group of `2^count` elements before the next
/// group, so that a group is fetched once.
#[inline(always)]
fn sweep<L: Lanes>(field: Field<Fr, L>, data: &mut [Block], roots: &Roots<L>, first: u32, count: u32) {
    let length = data.len() >> first;
    let stride = length >> count;
    for (i, block) in data.chunks_exact_mut(length).enumerate() {
        for j in 0..stride {
            for t in 0..count {
                let level = first + t;
                let factors = roots.level(level);
                let half = length >> (t + 1);
                for u in 0..1 << t {
                    let index = (i << t) + u;
                    let free = index == 0 && level < FREE_LEVELS && roots.starts_with_one();
                    let (low, high) = block[u * 2 * half..(u + 1) * 2 * half].split_at_mut(half);
                    let (low, high) = (&mut low[j..], &mut high[j..]);
                    let pairs = low
                        .iter_mut()
                        .step_by(stride)
                        .zip(high.iter_mut().step_by(stride));
                    if free {
                        for (a, b) in pairs {
                            free_butterfly(field, a, b);
                        }
                    } else {
                        let factor = &factors[index];
                        for (a, b) in pairs {
                            butterfly(field, a, b, factor);
                        }
                    }
                }
            }
        }
    }
}

/// `(a + w b, a - w b)`
#[inline(always)]
fn butterfly<L: Lanes>(field: Field<Fr, L>, a: &mut Block, b: &mut Block, factor: &Twiddle<L>) {
    let product = field.twiddle(field.load_limbs(&b.0), factor);
    put::<L, 6>(field, a, b, product);
}

/// `(a + b, a - b)` for `b` below `8p`.
#[inline(always)]
fn free_butterfly<L: Lanes>(field: Field<Fr, L>, a: &mut Block, b: &mut Block) {
    let value = field.load_limbs(&b.0);
    put::<L, 8>(field, a, b, value);
}

/// `(a + c, a - c + K p)`
#[inline(always)]
fn put<L: Lanes, const K: u64>(field: Field<Fr, L>, a: &mut Block, b: &mut Block, c: Limbs<L>) {
    let value = field.load_limbs(&a.0);
    field.store_limbs(field.add(value, c), &mut a.0);
    field.store_limbs(field.sub::<K>(value, c), &mut b.0);
}
