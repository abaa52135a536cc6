//! One element at a time, in four 64-bit words: lazy Montgomery arithmetic with `R = 2^256`.
//!
//! Sums stay below `4p < 2^256`, products below `2p`: neither needs the final subtraction that a
//! reduced result takes. [`Single`] multiplies, on the instructions of the machine at hand.

#[cfg(target_arch = "x86_64")]
mod adx;
mod carry;
mod plain;
#[cfg(test)]
mod tests;

use super::Modulus;
use super::words::Words;
#[cfg(target_arch = "x86_64")]
pub(crate) use adx::Adx;
use carry::{difference, sum};
pub(crate) use plain::Plain;
use std::hint::select_unpredictable;

/// Products of single elements. A value of the type is a token: it exists only on machines that
/// have the instructions.
pub(crate) trait Single: Copy + Send + Sync + 'static {
    /// `a b 2^-256` below `2p`, for `a, b <= 2p`, or for `a <= p` and `b <= 4p`.
    fn mul<M: Modulus>(self, a: &Words, b: &Words) -> Words;
}

/// Code over single elements, to run with the best products of the machine.
pub(crate) trait SingleKernel {
    /// What it returns.
    type Output;
    /// The body.
    fn run(self, single: impl Single) -> Self::Output;
}

/// Runs a kernel with the best products that this machine has.
pub(crate) fn with_single<K: SingleKernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(adx) = Adx::detect() {
        return kernel.run(adx);
    }
    kernel.run(Plain)
}

/// `a + b` without reduction: the sum must stay below `2^256`.
#[inline(always)]
pub(crate) fn add(a: Words, b: Words) -> Words {
    sum(a, b)
}

/// `K p` for `K <= 4`.
const fn multiple<M: Modulus, const K: u64>() -> Words {
    let (mut words, mut carry, mut i) = ([0; 4], 0, 0);
    while i < 4 {
        let sum = M::P[i] as u128 * K as u128 + carry;
        words[i] = sum as u64;
        carry = sum >> 64;
        i += 1;
    }
    assert!(carry == 0);
    words
}

/// `a - b + K p`, which must lie in `0..2^256`.
#[inline(always)]
pub(crate) fn sub<M: Modulus, const K: u64>(a: Words, b: Words) -> Words {
    add(difference(a, b).0, const { multiple::<M, K>() })
}

/// `p - a` if `negative`, `a` otherwise, without a branch; for `a <= p`.
#[inline(always)]
pub(crate) fn signed<M: Modulus>(a: Words, negative: bool) -> Words {
    select(negative, difference(M::P, a).0, a)
}

/// `a` if `first`, `b` otherwise, without a branch.
#[inline(always)]
fn select(first: bool, a: Words, b: Words) -> Words {
    let choose = |i: usize| select_unpredictable(first, a[i], b[i]);
    [choose(0), choose(1), choose(2), choose(3)]
}

/// `a - bound` if that is not negative, and `a` otherwise.
#[inline(always)]
fn subtract_above(a: Words, bound: Words) -> Words {
    let (less, negative) = difference(a, bound);
    select(negative, a, less)
}

/// The same element below `2p`, for `a < 4p`.
#[inline(always)]
pub(crate) fn halve<M: Modulus>(a: Words) -> Words {
    subtract_above(a, const { multiple::<M, 2>() })
}

/// The same element below `p`, for `a < 4p`.
#[inline(always)]
pub(crate) fn reduce<M: Modulus>(a: Words) -> Words {
    subtract_above(halve::<M>(a), M::P)
}
