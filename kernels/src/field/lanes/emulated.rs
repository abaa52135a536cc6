//! The lanes as arrays: what the instructions compute, for tests on machines without them.

use super::{Kernel, Lanes};
use crate::field::modulus::{LIMB, MASK};
use crate::field::words::Words;
use std::array::from_fn;

/// Lanes on any machine. Factors keep all 64 bits, of which products use the low 52, as IFMA does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Emulated;

fn product(a: u64, b: u64) -> u128 {
    u128::from(a & MASK) * u128::from(b & MASK)
}

impl Lanes for Emulated {
    type Word = [u64; 8];
    type Factor = [u64; 8];
    type Digit = u64;

    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
    fn splat(self, value: u64) -> [u64; 8] {
        [value; 8]
    }
    fn load(self, values: &[u64; 8]) -> [u64; 8] {
        *values
    }
    fn store(self, word: [u64; 8], values: &mut [u64; 8]) {
        *values = word;
    }
    fn add(self, a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| a[i].wrapping_add(b[i]))
    }
    fn sub(self, a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| a[i].wrapping_sub(b[i]))
    }
    fn and(self, a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| a[i] & b[i])
    }
    fn or(self, a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| a[i] | b[i])
    }
    fn shl<const BITS: u32>(self, a: [u64; 8]) -> [u64; 8] {
        a.map(|lane| lane << BITS)
    }
    fn shr<const BITS: u32>(self, a: [u64; 8]) -> [u64; 8] {
        a.map(|lane| lane >> BITS)
    }
    fn sar<const BITS: u32>(self, a: [u64; 8]) -> [u64; 8] {
        a.map(|lane| (lane as i64 >> BITS) as u64)
    }
    fn zeros(self, a: [u64; 8]) -> u8 {
        (0..8).map(|i| u8::from(a[i] == 0) << i).sum()
    }
    fn negatives(self, a: [u64; 8]) -> u8 {
        (0..8).map(|i| u8::from(a[i] >> 63 == 1) << i).sum()
    }
    fn select(self, mask: u8, a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| if mask >> i & 1 == 1 { a[i] } else { b[i] })
    }
    fn gather(self, elements: [&Words; 8]) -> [[u64; 8]; 4] {
        from_fn(|word| from_fn(|lane| elements[lane][word]))
    }
    fn scatter(self, words: [[u64; 8]; 4], elements: &mut [Words; 8]) {
        *elements = from_fn(|lane| from_fn(|word| words[word][lane]));
    }
    fn transpose(self, words: [[u64; 8]; 8]) -> [[u64; 8]; 8] {
        from_fn(|i| from_fn(|j| words[j][i]))
    }
    fn digit(value: u64) -> u64 {
        value & MASK
    }
    fn splat_digit(self, digit: u64) -> [u64; 8] {
        [digit; 8]
    }
    fn factor(self, word: [u64; 8]) -> [u64; 8] {
        word
    }
    fn accumulator(self, _lows: u64, _highs: u64) -> [u64; 8] {
        [0; 8]
    }
    fn multiply(self, low: [u64; 8], high: [u64; 8], a: [u64; 8], b: [u64; 8]) -> ([u64; 8], [u64; 8]) {
        (self.multiply_low(low, a, b), self.multiply_high(high, a, b))
    }
    fn multiply_low(self, low: [u64; 8], a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| low[i].wrapping_add(product(a[i], b[i]) as u64 & MASK))
    }
    fn multiply_high(self, high: [u64; 8], a: [u64; 8], b: [u64; 8]) -> [u64; 8] {
        from_fn(|i| high[i].wrapping_add((product(a[i], b[i]) >> LIMB) as u64))
    }
}
