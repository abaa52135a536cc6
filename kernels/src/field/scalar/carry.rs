//! Sums and differences of four words.
//!
//! On x86-64 by the intrinsics for carries: from `carrying_add` and `borrowing_sub`, the compiler
//! makes comparisons where an operand is constant.

use crate::field::words::Words;

/// `a + b` modulo `2^256`.
#[inline(always)]
pub(super) fn sum(a: Words, b: Words) -> Words {
    let mut words = [0; 4];
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::_addcarry_u64;
        let [w0, w1, w2, w3] = &mut words;
        let carry = _addcarry_u64(0, a[0], b[0], w0);
        let carry = _addcarry_u64(carry, a[1], b[1], w1);
        let carry = _addcarry_u64(carry, a[2], b[2], w2);
        _addcarry_u64(carry, a[3], b[3], w3);
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let mut carry = false;
        for i in 0..4 {
            (words[i], carry) = a[i].carrying_add(b[i], carry);
        }
    }
    words
}

/// `a - b` modulo `2^256`, and whether it is negative.
#[inline(always)]
pub(super) fn difference(a: Words, b: Words) -> (Words, bool) {
    let mut words = [0; 4];
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::_subborrow_u64;
        let [w0, w1, w2, w3] = &mut words;
        let borrow = _subborrow_u64(0, a[0], b[0], w0);
        let borrow = _subborrow_u64(borrow, a[1], b[1], w1);
        let borrow = _subborrow_u64(borrow, a[2], b[2], w2);
        let borrow = _subborrow_u64(borrow, a[3], b[3], w3);
        (words, borrow != 0)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let mut borrow = false;
        for i in 0..4 {
            (words[i], borrow) = a[i].borrowing_sub(b[i], borrow);
        }
        (words, borrow)
    }
}
