//! AVX-512 without integer multiply-add: 52-bit products from double-precision arithmetic.
//!
//! For integers `a, b < 2^52`, rounding towards zero, `h = a b + 2^104` has the bits of `2^104`
//! plus `floor(a b / 2^52)`, and `l = a b + ((2^104 + 2^52) - h)` is exact and has the bits of
//! `2^52` plus `a b mod 2^52`. The bits are added as integers; accumulators start at minus the
//! sum of the constants that they are going to receive.
#![allow(unsafe_code)] // Intrinsics; `Fma` is the proof that the machine has them.

use super::x86::{self, integer_lanes};
use super::{Kernel, Lanes};
use crate::Isa;
use crate::field::modulus::MASK;
use crate::field::words::Words;
use std::arch::x86_64::*;

/// Token for AVX-512 F and DQ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fma(());

impl Fma {
    /// The token, where the machine has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        Isa::Avx512Fma.is_available().then_some(Self(()))
    }
}

const ROUND: i32 = _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC;
/// `2^52`
const TWO_52: f64 = (1u64 << 52) as f64;
/// `2^104`
const TWO_104: f64 = TWO_52 * TWO_52;

impl Lanes for Fma {
    type Factor = __m512d;
    type Digit = f64;

    integer_lanes!();

    #[inline(always)]
    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512dq")]
        fn enabled<K: Kernel<Fma>>(lanes: Fma, kernel: K) -> K::Output {
            kernel.run(lanes)
        }
        // SAFETY: `self` is the proof that the machine has these instructions.
        unsafe { enabled(self, kernel) }
    }

    fn digit(value: u64) -> f64 {
        (value & MASK) as f64
    }

    // SAFETY (every block below): `self` is the proof that the machine has these instructions.
    #[inline(always)]
    fn splat_digit(self, digit: f64) -> __m512d {
        unsafe { _mm512_set1_pd(digit) }
    }
    #[inline(always)]
    fn factor(self, word: __m512i) -> __m512d {
        unsafe {
            let exponent = self.splat(TWO_52.to_bits());
            let bits = self.or(self.and(word, self.splat(MASK)), exponent);
            _mm512_sub_pd(_mm512_castsi512_pd(bits), _mm512_set1_pd(TWO_52))
        }
    }
    #[inline(always)]
    fn accumulator(self, lows: u64, highs: u64) -> __m512i {
        let received = lows
            .wrapping_mul(TWO_52.to_bits())
            .wrapping_add(highs.wrapping_mul(TWO_104.to_bits()));
        self.splat(received.wrapping_neg())
    }
    #[inline(always)]
    fn multiply(self, low: __m512i, high: __m512i, a: __m512d, b: __m512d) -> (__m512i, __m512i) {
        unsafe {
            let h = _mm512_fmadd_round_pd::<ROUND>(a, b, _mm512_set1_pd(TWO_104));
            let rest = _mm512_sub_pd(_mm512_set1_pd(TWO_104 + TWO_52), h);
            let l = _mm512_fmadd_round_pd::<ROUND>(a, b, rest);
            (
                self.add(low, _mm512_castpd_si512(l)),
                self.add(high, _mm512_castpd_si512(h)),
            )
        }
    }
    #[inline(always)]
    fn multiply_low(self, low: __m512i, a: __m512d, b: __m512d) -> __m512i {
        self.multiply(low, low, a, b).0
    }
    #[inline(always)]
    fn multiply_high(self, high: __m512i, a: __m512d, b: __m512d) -> __m512i {
        unsafe {
            let h = _mm512_fmadd_round_pd::<ROUND>(a, b, _mm512_set1_pd(TWO_104));
            self.add(high, _mm512_castpd_si512(h))
        }
    }
}
