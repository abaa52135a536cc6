//! What both AVX-512 lane types share: integer lanes and the transposition of elements.
#![allow(unsafe_code)] // Intrinsics, and functions that need a token to be called soundly.

use crate::field::words::Words;
use std::arch::x86_64::*;

/// Generates the members of `Lanes` that only take AVX-512 F and DQ.
macro_rules! integer_lanes {
    () => {
        type Word = __m512i;

        // SAFETY (every block below): `self` is a token that only detection of AVX-512 F and DQ
        // makes, so the instructions exist. Loads and stores are unaligned ones of arrays of that size.
        #[inline(always)]
        fn splat(self, value: u64) -> __m512i {
            unsafe { _mm512_set1_epi64(value as i64) }
        }
        #[inline(always)]
        fn load(self, values: &[u64; 8]) -> __m512i {
            unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
        }
        #[inline(always)]
        fn store(self, word: __m512i, values: &mut [u64; 8]) {
            unsafe { _mm512_storeu_si512(values.as_mut_ptr().cast(), word) }
        }
        #[inline(always)]
        fn add(self, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_add_epi64(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_sub_epi64(a, b) }
        }
        #[inline(always)]
        fn and(self, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_and_si512(a, b) }
        }
        #[inline(always)]
        fn or(self, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_or_si512(a, b) }
        }
        #[inline(always)]
        fn shl<const BITS: u32>(self, a: __m512i) -> __m512i {
            unsafe { _mm512_slli_epi64::<BITS>(a) }
        }
        #[inline(always)]
        fn shr<const BITS: u32>(self, a: __m512i) -> __m512i {
            unsafe { _mm512_srli_epi64::<BITS>(a) }
        }
        #[inline(always)]
        fn sar<const BITS: u32>(self, a: __m512i) -> __m512i {
            unsafe { _mm512_srai_epi64::<BITS>(a) }
        }
        #[inline(always)]
        fn zeros(self, a: __m512i) -> u8 {
            unsafe { _mm512_testn_epi64_mask(a, a) }
        }
        #[inline(always)]
        fn negatives(self, a: __m512i) -> u8 {
            unsafe { _mm512_movepi64_mask(a) }
        }
        #[inline(always)]
        fn select(self, mask: u8, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_mask_blend_epi64(mask, b, a) }
        }
        #[inline(always)]
        fn gather(self, elements: [&Words; 8]) -> [__m512i; 4] {
            unsafe { x86::gather(elements) }
        }
        #[inline(always)]
        fn scatter(self, words: [__m512i; 4], elements: &mut [Words; 8]) {
            unsafe { x86::scatter(words, elements) }
        }
        #[inline(always)]
        fn transpose(self, words: [__m512i; 8]) -> [__m512i; 8] {
            unsafe { x86::transpose(words) }
        }
    };
}
pub(super) use integer_lanes;

/// Two elements side by side.
///
/// # Safety
///
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn pair(a: &Words, b: &Words) -> __m512i {
    // SAFETY: unaligned loads of arrays of that size; the caller vouches for the instructions.
    unsafe {
        let a = _mm256_loadu_si256(a.as_ptr().cast());
        let b = _mm256_loadu_si256(b.as_ptr().cast());
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(a), b)
    }
}

/// Word `w` of all eight elements, for each `w`.
///
/// # Safety
///
/// The machine has AVX-512 F.
#[inline(always)]
pub(super) unsafe fn gather(elements: [&Words; 8]) -> [__m512i; 4] {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let z = [
            pair(elements[0], elements[1]),
            pair(elements[2], elements[3]),
            pair(elements[4], elements[5]),
            pair(elements[6], elements[7]),
        ];
        // Words 0 then 1, and 2 then 3, of four elements.
        let low = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let high = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
        let front = [
            _mm512_permutex2var_epi64(z[0], low, z[1]),
            _mm512_permutex2var_epi64(z[0], high, z[1]),
        ];
        let back = [
            _mm512_permutex2var_epi64(z[2], low, z[3]),
            _mm512_permutex2var_epi64(z[2], high, z[3]),
        ];
        [
            _mm512_shuffle_i64x2::<0b01_00_01_00>(front[0], back[0]),
            _mm512_shuffle_i64x2::<0b11_10_11_10>(front[0], back[0]),
            _mm512_shuffle_i64x2::<0b01_00_01_00>(front[1], back[1]),
            _mm512_shuffle_i64x2::<0b11_10_11_10>(front[1], back[1]),
        ]
    }
}

/// The inverse of [`gather`].
///
/// # Safety
///
/// The machine has AVX-512 F.
#[inline(always)]
pub(super) unsafe fn scatter(words: [__m512i; 4], elements: &mut [Words; 8]) {
    // SAFETY: four unaligned stores of 64 bytes fill the 256 bytes of the array; the caller
    // vouches for the instructions.
    unsafe {
        // Words 0 and 1, and 2 and 3, of four elements.
        let front = [
            _mm512_shuffle_i64x2::<0b01_00_01_00>(words[0], words[1]),
            _mm512_shuffle_i64x2::<0b01_00_01_00>(words[2], words[3]),
        ];
        let back = [
            _mm512_shuffle_i64x2::<0b11_10_11_10>(words[0], words[1]),
            _mm512_shuffle_i64x2::<0b11_10_11_10>(words[2], words[3]),
        ];
        let first = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let second = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
        let target: *mut __m512i = elements.as_mut_ptr().cast();
        _mm512_storeu_si512(target, _mm512_permutex2var_epi64(front[0], first, front[1]));
        _mm512_storeu_si512(
            target.add(1),
            _mm512_permutex2var_epi64(front[0], second, front[1]),
        );
        _mm512_storeu_si512(target.add(2), _mm512_permutex2var_epi64(back[0], first, back[1]));
        _mm512_storeu_si512(target.add(3), _mm512_permutex2var_epi64(back[0], second, back[1]));
    }
}

/// Lane `i` of word `j` as lane `j` of word `i`.
///
/// # Safety
///
/// The machine has AVX-512 F.
#[inline(always)]
pub(super) unsafe fn transpose([a, b, c, d, e, f, g, h]: [__m512i; 8]) -> [__m512i; 8] {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        // Lanes 0, 2, 4, 6 of two words side by side, and lanes 1, 3, 5, 7; then these pairs are moved as they are.
        let even = pairs([
            _mm512_unpacklo_epi64(a, b),
            _mm512_unpacklo_epi64(c, d),
            _mm512_unpacklo_epi64(e, f),
            _mm512_unpacklo_epi64(g, h),
        ]);
        let odd = pairs([
            _mm512_unpackhi_epi64(a, b),
            _mm512_unpackhi_epi64(c, d),
            _mm512_unpackhi_epi64(e, f),
            _mm512_unpackhi_epi64(g, h),
        ]);
        [even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]]
    }
}

/// Pair `i` of word `j` as pair `j` of word `i`, for pairs of neighbouring lanes.
///
/// # Safety
///
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn pairs([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let even = [
            _mm512_shuffle_i64x2::<EVEN>(a, b),
            _mm512_shuffle_i64x2::<EVEN>(c, d),
        ];
        let odd = [
            _mm512_shuffle_i64x2::<ODD>(a, b),
            _mm512_shuffle_i64x2::<ODD>(c, d),
        ];
        [
            _mm512_shuffle_i64x2::<EVEN>(even[0], even[1]),
            _mm512_shuffle_i64x2::<EVEN>(odd[0], odd[1]),
            _mm512_shuffle_i64x2::<ODD>(even[0], even[1]),
            _mm512_shuffle_i64x2::<ODD>(odd[0], odd[1]),
        ]
    }
}
