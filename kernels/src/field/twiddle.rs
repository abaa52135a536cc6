//! Products with constants that are known beforehand: Shoup's method.
//!
//! For a constant `w < p`, `w' = floor(w 2^260 / p)` is computed once. Then
//! `q = floor(a w' / 2^260)` is `floor(a w / p)` up to a small error, and `a w - q p` is small, so
//! that its low 260 bits suffice: of the three products only halves are computed, and no limb of
//! the quotient waits for another. The result is `a w` itself: the factor `2^256` or `2^260` that
//! `a` carries stays.

use super::Lanes;
use super::arithmetic::{Field, Limbs};
use super::modulus::{LIMB, MASK, Modulus, limbs52};
use super::unroll::{five, five_times, six};
use super::words::{Element, words};
use halo2curves::ff::PrimeField;

/// A constant `w`, and `floor(w 2^260 / p)`.
pub(crate) struct Twiddle<L: Lanes> {
    value: [L::Digit; 5],
    quotient: [L::Digit; 5],
}

impl<L: Lanes> Clone for Twiddle<L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Lanes> Copy for Twiddle<L> {}

impl<L: Lanes> Twiddle<L> {
    /// Products with [`Twiddle`]s are below this many times `p`.
    #[cfg(test)]
    pub(crate) const BOUND: u64 = 6;

    /// A constant.
    pub(crate) fn new<E: Element + PrimeField>(constant: E) -> Self {
        let mut plain = [0; 4];
        for (word, bytes) in plain
            .iter_mut()
            .zip(constant.to_repr().as_ref().as_chunks::<8>().0)
        {
            *word = u64::from_le_bytes(*bytes);
        }
        // The Montgomery words of 16 w are w 2^260 mod p = r, and w 2^260 = q p + r gives
        // q = -r / p mod 2^260, as w 2^260 vanishes there.
        let rest = limbs52(words(&[constant.double().double().double().double()])[0]);
        let quotient = low_product(rest, E::WIDE_INVERSE);
        Self {
            value: limbs52(plain).map(L::digit),
            quotient: quotient.map(L::digit),
        }
    }
}

/// `a b mod 2^260`.
fn low_product(a: [u64; 5], b: [u64; 5]) -> [u64; 5] {
    let mut result = [0; 5];
    for i in 0..5 {
        let mut carry = 0u128;
        for j in 0..5 - i {
            let sum = u128::from(result[i + j]) + u128::from(a[i]) * u128::from(b[j]) + carry;
            result[i + j] = sum as u64 & MASK;
            carry = sum >> LIMB;
        }
    }
    result
}

impl<M: Modulus, L: Lanes> Field<M, L> {
    /// `a w`, below `6 p`, for any `a` below `2^260`. Limbs below `2^57`.
    ///
    /// Of `a w'` the columns below the fourth are left out, and of the fourth the carry: together
    /// less than `4 2^260`. So `q > a w / p - a / 2^260 - 4 - 1`, and `a w - q p < 6p`.
    #[inline(always)]
    pub(crate) fn twiddle(self, a: Limbs<L>, w: &Twiddle<L>) -> Limbs<L> {
        let lanes = self.lanes;
        let a = self.factors(a).0;
        let quotient = five(
            #[inline(always)]
            |i| lanes.splat_digit(w.quotient[i]),
        );
        // Columns 4 to 9 of a w'.
        let mut high: [L::Word; 6] = six(
            #[inline(always)]
            |k| {
                let (lows, highs) = (5 - k as u64, if k == 0 { 0 } else { 6 - k as u64 });
                lanes.accumulator(lows, highs)
            },
        );
        five_times(
            #[inline(always)]
            |i| {
                five_times(
                    #[inline(always)]
                    |j| {
                        if i + j >= 4 {
                            let k = i + j - 4;
                            (high[k], high[k + 1]) = lanes.multiply(high[k], high[k + 1], a[i], quotient[j]);
                        }
                    },
                );
            },
        );
        high[1] = lanes.add(high[1], lanes.shr::<LIMB>(high[0]));
        let q = self.factors(Limbs(five(
            #[inline(always)]
            |i| high[i + 1],
        )));
        // Columns 0 to 4 of a w + q (2^260 - p).
        let value = five(
            #[inline(always)]
            |i| lanes.splat_digit(w.value[i]),
        );
        let negated = self.constant(M::NEGATED).0;
        let mut low: [L::Word; 5] = five(
            #[inline(always)]
            |k| lanes.accumulator(2 * (k as u64 + 1), 2 * k as u64),
        );
        self.add_low_product(&mut low, &a, &value);
        self.add_low_product(&mut low, &q.0, &negated);
        Limbs(low)
    }

    /// Adds columns 0 to 4 of `a b`.
    #[inline(always)]
    fn add_low_product(self, low: &mut [L::Word; 5], a: &[L::Factor; 5], b: &[L::Factor; 5]) {
        five_times(
            #[inline(always)]
            |i| {
                five_times(
                    #[inline(always)]
                    |j| {
                        if i + j < 4 {
                            let k = i + j;
                            (low[k], low[k + 1]) = self.lanes.multiply(low[k], low[k + 1], a[i], b[j]);
                        }
                    },
                );
                low[4] = self.lanes.multiply_low(low[4], a[i], b[4 - i]);
            },
        );
    }
}
