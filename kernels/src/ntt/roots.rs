//! The factors of butterflies.

use crate::field::{Lanes, Twiddle};
use crate::oracle::root_of_unity;
use ff::Field;
use halo2curves::bn256::Fr;

/// The largest transform in one pass is of `2^MAX_LEVELS` elements: what lazy values allow, see
/// [`super::butterfly`].
pub(super) const MAX_LEVELS: u32 = 12;

/// The factors of a transform in which block `i` of level `s` reduces a polynomial modulo
/// `X^(2h) - z^2` to its remainders modulo `X^h - z` and `X^h + z`.
///
/// On the subgroup, `z` is the root of unity at angle `reverse(i) / 2` of a turn (the bits of `i`
/// behind the binary point, reversed), whatever the level and the size: one table serves all. On
/// a coset it is that root times a power of the shift, which depends on the level.
pub(super) struct Roots<L: Lanes> {
    factors: Box<[Twiddle<L>]>,
    coset: bool,
}

/// For each `i` the product of a power of the root for each bit of `i`: the highest bit denotes
/// the root itself, each lower one for the square of the next. With the root of order `2 count`
/// that is the root at angle `reverse(i) / 2`.
pub(super) fn reversed(count: usize, root: Fr) -> Vec<Fr> {
    let mut roots = vec![Fr::ONE; count];
    // Angles of `half..2 half` are those of `0..half` and one more, of the next smaller weight.
    let mut weight = root;
    let mut half = count / 2;
    while half > 0 {
        roots[half] = weight;
        weight = weight.square();
        half /= 2;
    }
    // roots[half] is the root of angle 1 / (4 half): each index is a sum of its bits.
    let mut half = 1;
    while half < count {
        for i in 1..half {
            roots[half + i] = roots[half] * roots[i];
        }
        half *= 2;
    }
    roots
}

impl<L: Lanes> Roots<L> {
    /// For transforms on the subgroup (or with the inverse roots) of up to `2^MAX_LEVELS` elements.
    pub(super) fn subgroup(inverse: bool) -> Self {
        let root = root_of_unity(MAX_LEVELS);
        let root = if inverse {
            root.invert().unwrap_or(Fr::ZERO)
        } else {
            root
        };
        let factors = reversed(1 << (MAX_LEVELS - 1), root)
            .into_iter()
            .map(Twiddle::new)
            .collect();
        Self {
            factors,
            coset: false,
        }
    }

    /// For transforms of `2^levels` elements on the coset of `shift`.
    pub(super) fn coset(levels: u32, shift: Fr) -> Self {
        let mut factors = vec![Fr::ZERO; 1 << levels];
        let roots = reversed(1 << levels >> 1, root_of_unity(levels));
        let mut power = shift;
        for level in (0..levels).rev() {
            let blocks = 1 << level;
            for (factor, root) in factors[blocks..2 * blocks].iter_mut().zip(&roots) {
                *factor = power * root;
            }
            power = power.square();
        }
        Self {
            factors: factors.into_iter().map(Twiddle::new).collect(),
            coset: true,
        }
    }

    /// The factors of the blocks of a level.
    #[inline(always)]
    pub(super) fn level(&self, level: u32) -> &[Twiddle<L>] {
        &self.factors[if self.coset { 1 << level } else { 0 }..]
    }

    /// Whether the first block of each level has the factor one.
    #[inline(always)]
    pub(super) fn starts_with_one(&self) -> bool {
        !self.coset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reversed_roots_are_roots_at_reversed_angles() {
        let root = root_of_unity(5);
        let roots = reversed(16, root);
        for (i, found) in roots.iter().enumerate() {
            let angle = (i as u64).reverse_bits() >> 60;
            assert_eq!(*found, root.pow_vartime([angle]), "{i}");
        }
        assert_eq!(reversed(1, root_of_unity(1)), [Fr::ONE]);
    }
}
