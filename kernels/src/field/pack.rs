//! Between elements in memory (four 64-bit words) and lanes (five 52-bit limbs).

use super::Lanes;
use super::arithmetic::{Field, Limbs};
use super::modulus::{MASK, Modulus};
use super::unroll::five;
use super::words::Words;

/// Eight elements, limb by limb; aligned, so that no limb crosses a cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(crate) struct Block(pub(crate) [[u64; 8]; 5]);

impl Block {
    /// Zeros.
    pub(crate) const ZERO: Self = Self([[0; 8]; 5]);
}

impl<M: Modulus, L: Lanes> Field<M, L> {
    /// Eight consecutive elements.
    #[inline(always)]
    pub(crate) fn load(self, elements: &[Words; 8]) -> Limbs<L> {
        self.gather(elements.each_ref())
    }

    /// Eight elements from anywhere.
    #[inline(always)]
    pub(crate) fn gather(self, elements: [&Words; 8]) -> Limbs<L> {
        let lanes = self.lanes;
        let [a, b, c, d] = lanes.gather(elements);
        let mask = lanes.splat(MASK);
        Limbs([
            lanes.and(a, mask),
            lanes.and(lanes.or(lanes.shr::<52>(a), lanes.shl::<12>(b)), mask),
            lanes.and(lanes.or(lanes.shr::<40>(b), lanes.shl::<24>(c)), mask),
            lanes.and(lanes.or(lanes.shr::<28>(c), lanes.shl::<36>(d)), mask),
            lanes.shr::<16>(d),
        ])
    }

    /// Writes the elements, reduced; for any value below `2^260`.
    #[inline(always)]
    pub(crate) fn store(self, a: Limbs<L>, elements: &mut [Words; 8]) {
        self.scatter(self.reduce(a), elements);
    }

    /// Writes values below `2^256` as they are: to be read again by [`Field::load`], not to be
    /// taken for elements.
    #[inline(always)]
    pub(crate) fn store_unreduced(self, a: Limbs<L>, elements: &mut [Words; 8]) {
        self.scatter(self.carry(a), elements);
    }

    /// The words of the elements, reduced; for any value below `2^260`.
    #[inline(always)]
    pub(crate) fn words(self, a: Limbs<L>) -> [L::Word; 4] {
        self.joined(self.reduce(a))
    }

    /// Writes values below `2^256` with limbs in `0..2^52`.
    #[inline(always)]
    fn scatter(self, a: Limbs<L>, elements: &mut [Words; 8]) {
        self.lanes.scatter(self.joined(a), elements);
    }

    /// The words of values below `2^256` with limbs in `0..2^52`.
    #[inline(always)]
    fn joined(self, a: Limbs<L>) -> [L::Word; 4] {
        let lanes = self.lanes;
        let [a, b, c, d, e] = a.0;
        [
            lanes.or(a, lanes.shl::<52>(b)),
            lanes.or(lanes.shr::<12>(b), lanes.shl::<40>(c)),
            lanes.or(lanes.shr::<24>(c), lanes.shl::<28>(d)),
            lanes.or(lanes.shr::<36>(d), lanes.shl::<16>(e)),
        ]
    }

    /// Reads limbs.
    #[inline(always)]
    pub(crate) fn load_limbs(self, limbs: &[[u64; 8]; 5]) -> Limbs<L> {
        Limbs(five(
            #[inline(always)]
            |i| self.lanes.load(&limbs[i]),
        ))
    }

    /// Writes limbs as they are.
    #[inline(always)]
    pub(crate) fn store_limbs(self, a: Limbs<L>, limbs: &mut [[u64; 8]; 5]) {
        for (limb, word) in limbs.iter_mut().zip(a.0) {
            self.lanes.store(word, limb);
        }
    }
}
