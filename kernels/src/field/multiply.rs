//! Montgomery products with `R = 2^260`.
//!
//! The product is built row by row in ten columns, and reduced in step from below. Four of the
//! five reduction steps do not make the lowest column `t` zero by adding a multiple of `p`: they
//! replace `t 2^(52 i)` by `t (2^-52 mod p) 2^(52 (i+1))`, which needs no multiplication to find
//! the multiple, and depends on one instruction less. The last step is Montgomery's own and
//! brings the value back below `p` times a small number.

use super::Lanes;
use super::arithmetic::{Factors, Field, Limbs};
use super::modulus::{LIMB, Modulus};
use super::unroll::{five, five_times, ten};

/// How many low and high halves each column receives from the products `i, j` that are chosen.
const fn received(cross_only: bool, square_only: bool) -> [[u64; 2]; 10] {
    let mut counts = [[0; 2]; 10];
    let mut i = 0;
    while i < 5 {
        let mut j = 0;
        while j < 5 {
            let chosen = if cross_only {
                i < j
            } else if square_only {
                i == j
            } else {
                true
            };
            if chosen {
                counts[i + j][0] += 1;
                counts[i + j + 1][1] += 1;
            }
            j += 1;
        }
        i += 1;
    }
    counts
}

/// What the columns receive from the five reduction steps.
const REDUCTION: [[u64; 2]; 10] = {
    let mut counts = [[0; 2]; 10];
    let mut step = 0;
    while step < 5 {
        let first = if step < 4 { step + 1 } else { 4 };
        let mut j = 0;
        while j < 5 {
            counts[first + j][0] += 1;
            counts[first + j + 1][1] += 1;
            j += 1;
        }
        step += 1;
    }
    counts
};
const PRODUCT: [[u64; 2]; 10] = received(false, false);
const CROSS: [[u64; 2]; 10] = received(true, false);
const SQUARES: [[u64; 2]; 10] = received(false, true);

impl<M: Modulus, L: Lanes> Field<M, L> {
    /// `a b 2^-260`, below `2p + a b / 2^260`: below `3p` for `a, b < 9p`. Limbs below `2^57`.
    #[inline(always)]
    pub(crate) fn mul(self, a: &Factors<L>, b: &Factors<L>) -> Limbs<L> {
        let lanes = self.lanes;
        let mut columns: [L::Word; 10] = ten(
            #[inline(always)]
            |k| lanes.accumulator(PRODUCT[k][0] + REDUCTION[k][0], PRODUCT[k][1] + REDUCTION[k][1]),
        );
        five_times(
            #[inline(always)]
            |i| {
                five_times(
                    #[inline(always)]
                    |j| {
                        (columns[i + j], columns[i + j + 1]) =
                            lanes.multiply(columns[i + j], columns[i + j + 1], a.0[i], b.0[j]);
                    },
                );
                self.reduce_column(&mut columns, i);
            },
        );
        Limbs(five(
            #[inline(always)]
            |i| columns[5 + i],
        ))
    }

    /// `a^2 2^-260`, bounds as for [`Field::mul`].
    #[inline(always)]
    pub(crate) fn square(self, a: &Factors<L>) -> Limbs<L> {
        let lanes = self.lanes;
        let mut columns: [L::Word; 10] = ten(
            #[inline(always)]
            |k| lanes.accumulator(CROSS[k][0], CROSS[k][1]),
        );
        five_times(
            #[inline(always)]
            |i| {
                five_times(
                    #[inline(always)]
                    |j| {
                        if i < j {
                            (columns[i + j], columns[i + j + 1]) =
                                lanes.multiply(columns[i + j], columns[i + j + 1], a.0[i], a.0[j]);
                        }
                    },
                );
            },
        );
        columns = ten(
            #[inline(always)]
            |k| {
                let rest =
                    lanes.accumulator(SQUARES[k][0] + REDUCTION[k][0], SQUARES[k][1] + REDUCTION[k][1]);
                lanes.add(lanes.shl::<1>(columns[k]), rest)
            },
        );
        five_times(
            #[inline(always)]
            |i| {
                (columns[2 * i], columns[2 * i + 1]) =
                    lanes.multiply(columns[2 * i], columns[2 * i + 1], a.0[i], a.0[i]);
            },
        );
        five_times(
            #[inline(always)]
            |i| self.reduce_column(&mut columns, i),
        );
        Limbs(five(
            #[inline(always)]
            |i| columns[5 + i],
        ))
    }

    /// Removes column `i`, which has received all its products.
    #[inline(always)]
    fn reduce_column(self, columns: &mut [L::Word; 10], i: usize) {
        let lanes = self.lanes;
        let (multiplier, constants, first) = if i < 4 {
            let carry = lanes.shr::<LIMB>(columns[i]);
            columns[i + 1] = lanes.add(columns[i + 1], carry);
            (lanes.factor(columns[i]), self.constant(M::LIMB_SHIFT), i + 1)
        } else {
            // Column 4 still lacks one low half, that of the multiple of p itself.
            let lowest = lanes.add(columns[4], self.minus_accumulator(1));
            let inverse = lanes.splat_digit(L::digit(M::INVERSE));
            let quotient = lanes.multiply_low(lanes.accumulator(1, 0), lanes.factor(lowest), inverse);
            (lanes.factor(quotient), self.constant(M::LIMBS), 4)
        };
        five_times(
            #[inline(always)]
            |j| {
                (columns[first + j], columns[first + j + 1]) = lanes.multiply(
                    columns[first + j],
                    columns[first + j + 1],
                    multiplier,
                    constants.0[j],
                );
            },
        );
        if i == 4 {
            columns[5] = lanes.add(columns[5], lanes.shr::<LIMB>(columns[4]));
        }
    }

    /// What makes an accumulator meaningful that still lacks so many low halves.
    #[inline(always)]
    fn minus_accumulator(self, lows: u64) -> L::Word {
        self.lanes
            .sub(self.lanes.splat(0), self.lanes.accumulator(lows, 0))
    }

    /// `a 2^256` to `a 2^260`: from halo2curves' Montgomery form to the one that two variables
    /// need to be multiplied. Below `3p`.
    #[inline(always)]
    pub(crate) fn enter(self, a: Limbs<L>) -> Limbs<L> {
        self.mul(&self.factors(a), &self.constant(M::ENTER))
    }

    /// `a 2^260` to `a 2^256`: the inverse of [`Field::enter`]. Below `3p`.
    #[cfg(test)]
    #[inline(always)]
    pub(crate) fn leave(self, a: Limbs<L>) -> Limbs<L> {
        self.mul(&self.factors(a), &self.constant(M::LEAVE))
    }
}
