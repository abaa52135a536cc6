//! Number-theoretic transforms: between a polynomial's coefficients and its values on a domain.
//!
//! On lanes, a transform of `N = R C` elements, seen as `R` rows of `C`, is two passes:
//!
//! 1. [`columns`]: eight columns at a time, one in each lane, are transformed in a scratch buffer
//!    that stays in the second-level cache; element `(k, c)` is multiplied by `w^(k c)`.
//! 2. [`rows`]: eight rows at a time are transformed likewise and written out, reduced.
//!
//! All butterflies of a pass work on whole lanes with equal factors ([`butterfly`]), nothing is
//! shuffled inside it, and its output order is undone by where elements are written to. A coset's
//! powers and the factor `1/N` of the inverse cost nothing: they are merged into the factors of
//! the first pass.
//!
//! [`scalar`] is the transform without lanes.

mod butterfly;
mod columns;
mod roots;
mod rows;
mod scalar;
mod strided;
#[cfg(test)]
mod tests;
mod transform;

#[cfg(test)]
pub(crate) use scalar::ScalarTransforms;
pub(crate) use scalar::scalar_transforms;
pub(crate) use transform::LaneTransforms;

use ff::Field;
use halo2curves::bn256::Fr;

/// What a transform computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Coefficients to values on `shift H`.
    Forward {
        /// The coset.
        shift: Fr,
    },
    /// Values on `shift H` to coefficients.
    Inverse {
        /// The inverse of the coset's shift.
        unshift: Fr,
    },
}

impl Direction {
    /// Coefficients to values on `H`.
    pub(crate) const FORWARD: Self = Self::Forward { shift: Fr::ONE };
    /// Values on `H` to coefficients.
    pub(crate) const INVERSE: Self = Self::Inverse { unshift: Fr::ONE };
}

/// Transforms of vectors whose lengths are powers of two.
pub(crate) trait Transforms: Send + Sync {
    /// In place.
    fn transform(&self, values: &mut [Fr], direction: Direction);
    /// From one vector into another of the same length.
    fn transform_into(&self, source: &[Fr], target: &mut [Fr], direction: Direction);
}
