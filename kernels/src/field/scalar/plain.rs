//! Products in plain Rust.

use super::Single;
use crate::field::Modulus;
use crate::field::modulus::negated_inverse;
use crate::field::words::Words;

/// Any machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plain;

/// `low + a b + carry`, which fits in two words.
#[inline(always)]
const fn fused(low: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let sum = low as u128 + a as u128 * b as u128 + carry as u128;
    (sum as u64, (sum >> 64) as u64)
}

impl Single for Plain {
    /// The running total stays below `a + p < 2^256`, so it never takes a fifth word.
    #[inline(always)]
    fn mul<M: Modulus>(self, a: &Words, b: &Words) -> Words {
        let inverse = const { negated_inverse(M::P[0]) };
        let mut total = [0u64; 4];
        for word in *b {
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
}
