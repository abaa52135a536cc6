//! Eight 64-bit lanes, and the instructions that field arithmetic needs of them.

#[cfg(test)]
mod emulated;
#[cfg(target_arch = "x86_64")]
mod fma;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::words::Words;
#[cfg(test)]
pub(crate) use emulated::Emulated;
#[cfg(target_arch = "x86_64")]
pub(crate) use fma::Fma;
#[cfg(target_arch = "x86_64")]
pub(crate) use ifma::Ifma;

/// Code that runs with the instructions of `L`; mostly implemented for all [`Lanes`].
///
/// `run` must be `#[inline(always)]`, as must everything in it that touches lanes: the whole
/// kernel is compiled into one function that has the instructions enabled.
pub(crate) trait Kernel<L: Lanes> {
    /// What it returns.
    type Output;
    /// The body.
    fn run(self, lanes: L) -> Self::Output;
}

/// Eight lanes of 64 bits, with 52-bit multiply-accumulate.
///
/// A value of the type is a token: it exists only on machines that have the instructions.
///
/// Multiply-accumulate may leave a constant in the accumulator for every product added to it. An
/// accumulator therefore starts as [`Lanes::accumulator`] for the number of low and high halves
/// that it is going to receive, and means something once it has received exactly as many.
pub(crate) trait Lanes: Copy + Send + Sync + 'static {
    /// Eight 64-bit integers.
    type Word: Copy + Send + Sync;
    /// Eight integers below `2^52`, ready to be multiplied.
    type Factor: Copy + Send + Sync;
    /// One integer below `2^52`, ready to become eight equal factors.
    type Digit: Copy + Send + Sync;

    /// Runs a kernel with these instructions enabled.
    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output;

    /// Eight equal integers.
    fn splat(self, value: u64) -> Self::Word;
    /// Reads lanes.
    fn load(self, values: &[u64; 8]) -> Self::Word;
    /// Writes lanes.
    fn store(self, word: Self::Word, values: &mut [u64; 8]);
    /// `a + b mod 2^64`.
    fn add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// `a - b mod 2^64`.
    fn sub(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Bitwise and.
    fn and(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Bitwise or.
    fn or(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Shift left.
    fn shl<const BITS: u32>(self, a: Self::Word) -> Self::Word;
    /// Logical shift right.
    fn shr<const BITS: u32>(self, a: Self::Word) -> Self::Word;
    /// Arithmetic shift right.
    fn sar<const BITS: u32>(self, a: Self::Word) -> Self::Word;
    /// Lanes that are zero, one bit each.
    fn zeros(self, a: Self::Word) -> u8;
    /// Lanes whose top bit is set, one bit each.
    fn negatives(self, a: Self::Word) -> u8;
    /// `a` where the bit is set, `b` elsewhere.
    fn select(self, mask: u8, a: Self::Word, b: Self::Word) -> Self::Word;

    /// Eight elements of four words each, as four words of eight lanes each.
    fn gather(self, elements: [&Words; 8]) -> [Self::Word; 4];
    /// The inverse of [`Lanes::gather`], to consecutive elements.
    fn scatter(self, words: [Self::Word; 4], elements: &mut [Words; 8]);
    /// Lane `i` of word `j` as lane `j` of word `i`.
    fn transpose(self, words: [Self::Word; 8]) -> [Self::Word; 8];

    /// A digit of the low 52 bits of an integer.
    fn digit(value: u64) -> Self::Digit;
    /// Eight equal factors.
    fn splat_digit(self, digit: Self::Digit) -> Self::Factor;
    /// The low 52 bits of each lane as a factor.
    fn factor(self, word: Self::Word) -> Self::Factor;
    /// An accumulator of zero that is going to receive so many low and high halves of products.
    fn accumulator(self, lows: u64, highs: u64) -> Self::Word;
    /// Adds `a b mod 2^52` to `low` and `floor(a b / 2^52)` to `high`.
    fn multiply(
        self,
        low: Self::Word,
        high: Self::Word,
        a: Self::Factor,
        b: Self::Factor,
    ) -> (Self::Word, Self::Word);
    /// Adds `a b mod 2^52` to `low`.
    fn multiply_low(self, low: Self::Word, a: Self::Factor, b: Self::Factor) -> Self::Word;
    /// Adds `floor(a b / 2^52)` to `high`.
    fn multiply_high(self, high: Self::Word, a: Self::Factor, b: Self::Factor) -> Self::Word;
}
