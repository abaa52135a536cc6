//! AVX-512 with 52-bit integer multiply-add, which ignores the upper bits of its factors.
#![allow(unsafe_code)] // Intrinsics; `Ifma` is the proof that the machine has them.

use super::x86::{self, integer_lanes};
use super::{Kernel, Lanes};
use crate::Isa;
use crate::field::modulus::MASK;
use crate::field::words::Words;
use std::arch::x86_64::*;

/// Token for AVX-512 F, DQ and IFMA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ifma(());

impl Ifma {
    /// The token, where the machine has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        Isa::Avx512Ifma.is_available().then_some(Self(()))
    }
}

impl Lanes for Ifma {
    type Factor = __m512i;
    type Digit = u64;

    integer_lanes!();

    #[inline(always)]
    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
        fn enabled<K: Kernel<Ifma>>(lanes: Ifma, kernel: K) -> K::Output {
            kernel.run(lanes)
        }
        // SAFETY: `self` is the proof that the machine has these instructions.
        unsafe { enabled(self, kernel) }
    }

    fn digit(value: u64) -> u64 {
        value & MASK
    }
    #[inline(always)]
    fn splat_digit(self, digit: u64) -> __m512i {
        self.splat(digit)
    }
    #[inline(always)]
    fn factor(self, word: __m512i) -> __m512i {
        word
    }
    #[inline(always)]
    fn accumulator(self, _lows: u64, _highs: u64) -> __m512i {
        self.splat(0)
    }
    #[inline(always)]
    fn multiply(self, low: __m512i, high: __m512i, a: __m512i, b: __m512i) -> (__m512i, __m512i) {
        (self.multiply_low(low, a, b), self.multiply_high(high, a, b))
    }
    #[inline(always)]
    fn multiply_low(self, low: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: `self` is the proof that the machine has this instruction.
        unsafe { _mm512_madd52lo_epu64(low, a, b) }
    }
    #[inline(always)]
    fn multiply_high(self, high: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: as above.
        unsafe { _mm512_madd52hi_epu64(high, a, b) }
    }
}
