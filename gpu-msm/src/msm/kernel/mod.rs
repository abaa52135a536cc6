//! Batched affine arithmetic on points of G1: what the algorithms above are written against.
//!
//! An affine addition costs `1M + 1S + 1M` once the slope's denominator is inverted, and Montgomery's
//! trick shares one inversion between all additions of a batch for three multiplications each:
//! six multiplications an addition, against eleven for a mixed projective one. The additions of a
//! batch are independent of one another, so that eight of them run in the lanes of a vector.

mod portable;

pub(crate) use portable::Portable;

use halo2curves::bn256::G1Affine;
use rayon::prelude::*;

/// A point of a source slice, or its negative: the index doubled, plus one if negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Term(u32);

impl Term {
    /// Most points that a source slice may have.
    pub(crate) const MAX_SOURCE: usize = 1 << 31;

    /// The point at `index`, as it is.
    #[inline(always)]
    pub(crate) const fn plus(index: usize) -> Self {
        Self((index as u32) << 1)
    }

    /// The point at `index`, negated if `negative`.
    #[inline(always)]
    pub(crate) const fn signed(index: usize, negative: bool) -> Self {
        Self((index as u32) << 1 | negative as u32)
    }

    /// Place in the source slice.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether the point counts negated.
    #[inline(always)]
    pub(crate) const fn is_negative(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Point arithmetic in batches, on one kind of field arithmetic.
///
/// All operations are complete: equal points, opposite points and the identity are fine everywhere.
pub(crate) trait Kernel: Copy + Send + Sync {
    /// An affine point as the kernel stores it. The identity is the pair `(0, 0)`, which is not on
    /// the curve.
    type Point: Copy + Send + Sync;
    /// Memory that batches reuse.
    type Scratch: Default + Send;

    /// The neutral element.
    const IDENTITY: Self::Point;

    /// Converts a point to the kernel's form.
    fn encode(self, point: &G1Affine) -> Self::Point;
    /// Converts a point back.
    fn decode(self, point: &Self::Point) -> G1Affine;
    /// Whether a point is the neutral element.
    fn is_identity(point: &Self::Point) -> bool;
    /// The point that a term stands for.
    fn take(self, source: &[Self::Point], term: Term) -> Self::Point;

    /// `out_i = a_i + b_i` for the terms `(a_i, b_i)` of `pairs`; both have the same length.
    fn add_pairs(
        self,
        source: &[Self::Point],
        pairs: &[[Term; 2]],
        out: &mut [Self::Point],
        scratch: &mut Self::Scratch,
    );
    /// Doubles every point in place.
    fn double(self, points: &mut [Self::Point], scratch: &mut Self::Scratch);
    /// `(x, y) -> (beta x, y)`, which is multiplication by lambda, in place.
    fn endomorphism(self, points: &mut [Self::Point]);
}

/// Converts many points to the kernel's form.
pub(crate) fn encode<K: Kernel>(kernel: K, points: &[G1Affine]) -> Vec<K::Point> {
    let points = points.par_iter().with_min_len(1 << 10);
    points.map(|point| kernel.encode(point)).collect()
}

/// Converts many points back.
pub(crate) fn decode<K: Kernel>(kernel: K, points: &[K::Point]) -> Vec<G1Affine> {
    let points = points.par_iter().with_min_len(1 << 10);
    points.map(|point| kernel.decode(point)).collect()
}

#[cfg(test)]
mod tests;
