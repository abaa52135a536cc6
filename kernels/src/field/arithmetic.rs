//! Elements of five limbs, their sums, and their reduction.
//!
//! Arithmetic is lazy twice over. *Values* represent an element modulo `p` and may grow up to
//! `2^260`, which is more than `84 p`; each function says by how much. *Limbs* are signed and may
//! grow up to `2^62` in magnitude, and the value is the sum `limb_i 2^(52 i)` modulo `2^260`: only
//! a product and a reduction carry from limb to limb.

use super::Lanes;
use super::modulus::{LIMB, MASK, Modulus};
use super::unroll::{five, five_times};
use std::marker::PhantomData;

/// The arithmetic of one prime field on one machine. Holds the lanes' token and nothing else.
pub(crate) struct Field<M, L> {
    pub(crate) lanes: L,
    modulus: PhantomData<M>,
}

/// Eight values of five limbs each.
pub(crate) struct Limbs<L: Lanes>(pub(crate) [L::Word; 5]);

/// Eight values of five limbs each, ready to be multiplied: limbs below `2^52`.
pub(crate) struct Factors<L: Lanes>(pub(crate) [L::Factor; 5]);

impl<M, L: Copy> Clone for Field<M, L> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, L: Copy> Copy for Field<M, L> {}
impl<L: Lanes> Clone for Limbs<L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Lanes> Copy for Limbs<L> {}
impl<L: Lanes> Clone for Factors<L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Lanes> Copy for Factors<L> {}

impl<M: Modulus, L: Lanes> Field<M, L> {
    /// The field `M` on the machine that `lanes` vouches for.
    #[inline(always)]
    pub(crate) fn new(lanes: L) -> Self {
        Self {
            lanes,
            modulus: PhantomData,
        }
    }

    /// Eight equal values.
    #[inline(always)]
    pub(crate) fn splat(self, limbs: [u64; 5]) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.splat(limbs[i]),
        ))
    }

    /// `a + b`; bounds add up.
    #[inline(always)]
    pub(crate) fn add(self, a: Limbs<L>, b: Limbs<L>) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.add(a.0[i], b.0[i]),
        ))
    }

    /// `a - b` for `b <= a`.
    #[inline(always)]
    pub(crate) fn minus(self, a: Limbs<L>, b: Limbs<L>) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.sub(a.0[i], b.0[i]),
        ))
    }

    /// `2^BITS a`
    #[inline(always)]
    pub(crate) fn shifted<const BITS: u32>(self, a: Limbs<L>) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.shl::<BITS>(a.0[i]),
        ))
    }

    /// `a - b + K p` for `b <= K p`: the bound grows by `K p`.
    #[inline(always)]
    pub(crate) fn sub<const K: u64>(self, a: Limbs<L>, b: Limbs<L>) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| {
                let raised = self.lanes.add(a.0[i], self.lanes.splat(K * M::LIMBS[i]));
                self.lanes.sub(raised, b.0[i])
            },
        ))
    }

    /// `K p - a` for `a <= K p`.
    #[inline(always)]
    pub(crate) fn neg<const K: u64>(self, a: Limbs<L>) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.sub(self.lanes.splat(K * M::LIMBS[i]), a.0[i]),
        ))
    }

    /// `a` in lanes whose bit is set, `b` in the others.
    #[inline(always)]
    pub(crate) fn select(self, mask: u8, a: Limbs<L>, b: Limbs<L>) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.select(mask, a.0[i], b.0[i]),
        ))
    }

    /// Carries from limb to limb; the low 52 bits of each limb are then its value.
    #[inline(always)]
    pub(crate) fn propagate(self, a: Limbs<L>) -> Limbs<L> {
        let mut limbs = a.0;
        five_times(
            #[inline(always)]
            |i| {
                if i < 4 {
                    let carry = self.lanes.sar::<LIMB>(limbs[i]);
                    limbs[i + 1] = self.lanes.add(limbs[i + 1], carry);
                }
            },
        );
        Limbs(limbs)
    }

    /// The same value with all limbs in `0..2^52`.
    #[inline(always)]
    pub(crate) fn carry(self, a: Limbs<L>) -> Limbs<L> {
        let mask = self.lanes.splat(MASK);
        let limbs = self.propagate(a).0;
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.and(limbs[i], mask),
        ))
    }

    /// The same value, ready to be multiplied.
    #[inline(always)]
    pub(crate) fn factors(self, a: Limbs<L>) -> Factors<L> {
        self.propagated(self.propagate(a))
    }

    /// What was carried from limb to limb before, ready to be multiplied.
    #[inline(always)]
    pub(crate) fn propagated(self, a: Limbs<L>) -> Factors<L> {
        Factors(five(
            #[inline(always)]
            |i| self.lanes.factor(a.0[i]),
        ))
    }

    /// A constant, ready to be multiplied.
    #[inline(always)]
    pub(crate) fn constant(self, limbs: [u64; 5]) -> Factors<L> {
        Factors(five(
            #[inline(always)]
            |i| self.lanes.splat_digit(L::digit(limbs[i])),
        ))
    }

    /// The same element below `2p`, limbs in `0..2^52`; for any value below `2^260`.
    ///
    /// The quotient `floor(a / p)` is at most one below what the top limb tells: Barrett's method.
    #[inline(always)]
    pub(crate) fn reduce_twice(self, a: Limbs<L>) -> Limbs<L> {
        let lanes = self.lanes;
        let value = self.carry(a).0;
        let reciprocal = lanes.splat_digit(L::digit(M::RECIPROCAL));
        let estimate = lanes.multiply_high(lanes.accumulator(0, 1), lanes.factor(value[4]), reciprocal);
        let quotient = lanes.factor(lanes.shr::<40>(estimate));
        let negated = self.constant(M::NEGATED).0;
        let mut columns: [L::Word; 5] = five(
            #[inline(always)]
            |i| lanes.add(value[i], lanes.accumulator(1, u64::from(i > 0))),
        );
        five_times(
            #[inline(always)]
            |i| {
                if i < 4 {
                    (columns[i], columns[i + 1]) =
                        lanes.multiply(columns[i], columns[i + 1], quotient, negated[i]);
                }
            },
        );
        columns[4] = lanes.multiply_low(columns[4], quotient, negated[4]);
        self.carry(Limbs(columns))
    }

    /// The same element below `p`, limbs in `0..2^52`; for any value below `2^260`.
    ///
    /// What [`Field::reduce_twice`] leaves reaches `p` only where the value is above a multiple of `p` by less than its
    /// estimate can tell, `2^-40 p`: the top limb tells that this may be so, and it hardly ever is.
    #[inline(always)]
    pub(crate) fn reduce(self, a: Limbs<L>) -> Limbs<L> {
        let lanes = self.lanes;
        let reduced = self.reduce_twice(a);
        let below = lanes.sub(reduced.0[4], lanes.splat(M::LIMBS[4]));
        if lanes.negatives(below) == u8::MAX {
            return reduced;
        }
        self.subtract_if_above(reduced)
    }

    /// `a - p` where that is not negative, `a` elsewhere; for limbs in `0..2^52`.
    #[inline(always)]
    fn subtract_if_above(self, a: Limbs<L>) -> Limbs<L> {
        let lanes = self.lanes;
        // a + (2^260 - p) reaches 2^260 exactly where a >= p.
        let less = self.propagate(self.add(a, self.splat(M::NEGATED))).0;
        let above = lanes.negatives(lanes.shl::<11>(less[4]));
        let mask = lanes.splat(MASK);
        Limbs(five(
            #[inline(always)]
            |i| lanes.select(above, lanes.and(less[i], mask), a.0[i]),
        ))
    }

    /// Lanes that hold the element zero; for any value below `2^260`.
    #[cfg(test)]
    #[inline(always)]
    pub(crate) fn zeros(self, a: Limbs<L>) -> u8 {
        let [a, b, c, d, e] = self.reduce(a).0;
        let lanes = self.lanes;
        lanes.zeros(lanes.or(lanes.or(lanes.or(a, b), lanes.or(c, d)), e))
    }
}
