//! One element at a time, in four 64-bit words: lazy Montgomery arithmetic with `R = 2^256`.
//!
//! Sums stay below `4p < 2^256`, products below `2p`: neither needs the final subtraction that a
//! reduced result takes.

use super::Modulus;
use super::words::Words;

/// `low + a b + carry`, which fits in two words.
#[inline(always)]
const fn fused(low: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let sum = low as u128 + a as u128 * b as u128 + carry as u128;
    (sum as u64, (sum >> 64) as u64)
}

/// `a b 2^-256` below `2p`, for `a < 4p` and `b < p` (or `a < 2p` and `b < 2p`).
///
/// The running total stays below `5p < 2^256`, so it never takes a fifth word.
#[inline(always)]
pub(crate) fn mul<M: Modulus>(a: Words, b: Words) -> Words {
    let inverse = const { super::modulus::negated_inverse(M::P[0]) };
    let mut total = [0u64; 4];
    for word in b {
        let (low, mut carry) = fused(total[0], a[0], word, 0);
        let quotient = low.wrapping_mul(inverse);
        let (_, mut borrow) = fused(low, quotient, M::P[0], 0);
        for i in 1..4 {
            let (sum, next) = fused(total[i], a[i], word, carry);
            carry = next;
            (total[i - 1], borrow) = fused(sum, quotient, M::P[i], borrow);
        }
        total[3] = carry.wrapping_add(borrow);
    }
    total
}

/// `a + b` without reduction: the sum must stay below `2^256`.
#[inline(always)]
pub(crate) fn add(a: Words, b: Words) -> Words {
    let mut sum = [0; 4];
    let mut carry = false;
    for i in 0..4 {
        let (word, over) = a[i].overflowing_add(b[i]);
        let (word, over_again) = word.overflowing_add(u64::from(carry));
        (sum[i], carry) = (word, over | over_again);
    }
    sum
}

/// `a - b` modulo `2^256`, and whether it is negative.
#[inline(always)]
fn difference(a: Words, b: Words) -> (Words, bool) {
    let mut result = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        let (word, under) = a[i].overflowing_sub(b[i]);
        let (word, under_again) = word.overflowing_sub(u64::from(borrow));
        (result[i], borrow) = (word, under | under_again);
    }
    (result, borrow)
}

/// `2p`
const fn twice(p: Words) -> Words {
    [
        p[0] << 1,
        p[1] << 1 | p[0] >> 63,
        p[2] << 1 | p[1] >> 63,
        p[3] << 1 | p[2] >> 63,
    ]
}

/// `a - b + 2p`, for `b < 2p`.
#[inline(always)]
pub(crate) fn sub<M: Modulus>(a: Words, b: Words) -> Words {
    add(difference(a, b).0, const { twice(M::P) })
}

/// `a - bound` if that is not negative, and `a` otherwise.
#[inline(always)]
fn subtract_above(a: Words, bound: Words) -> Words {
    let (less, negative) = difference(a, bound);
    std::array::from_fn(|i| if negative { a[i] } else { less[i] })
}

/// The same element below `2p`, for `a < 4p`.
#[inline(always)]
pub(crate) fn halve<M: Modulus>(a: Words) -> Words {
    subtract_above(a, const { twice(M::P) })
}

/// The same element below `p`, for `a < 4p`.
#[inline(always)]
pub(crate) fn reduce<M: Modulus>(a: Words) -> Words {
    subtract_above(halve::<M>(a), M::P)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::words::{element, words};
    use ff::Field;
    use halo2curves::bn256::{Fq, Fr};
    use proptest::prelude::*;

    fn check<E: super::super::words::Element + Field>(x: E, y: E, multiple: usize) {
        let (a, b) = (words(&[x])[0], words(&[y])[0]);
        let lazy = (0..multiple).fold(a, |sum, _| add(sum, E::P));
        let is = |found: Words, expected: E| assert_eq!(element::<E>(reduce::<E>(found)), expected);
        is(mul::<E>(lazy, b), x * y);
        is(lazy, x);
        is(halve::<E>(lazy), x);
        assert!(
            !difference(const { twice(E::P) }, mul::<E>(lazy, b)).1,
            "a product reaches 2p"
        );
        if multiple < 2 {
            is(sub::<E>(a, mul::<E>(lazy, b)), x - x * y);
            is(add(lazy, b), x + y);
        }
    }

    #[test]
    fn edges() {
        for x in [Fr::ZERO, Fr::ONE, -Fr::ONE] {
            for y in [Fr::ZERO, Fr::ONE, -Fr::ONE] {
                (0..4).for_each(|multiple| check(x, y, multiple));
            }
        }
        for x in [Fq::ZERO, Fq::ONE, -Fq::ONE] {
            (0..4).for_each(|multiple| check(x, -x, multiple));
        }
    }

    proptest! {
        #[test]
        fn random(x in any::<[u64; 4]>(), y in any::<[u64; 4]>(), multiple in 0usize..4) {
            check(Fr::from_raw(x), Fr::from_raw(y), multiple);
            check(Fq::from_raw(x), Fq::from_raw(y), multiple);
        }
    }
}
