//! Multi-scalar multiplication: `sum_i s_i B_i` for many columns of scalars over the same bases.
//!
//! Pippenger's method. A scalar is written in signed digits; for each window of digits, points are
//! sorted into buckets by their digit, each bucket is summed by a tree of batched affine additions
//! ([`runs`]), and the buckets by weight ([`reduce`]). Small integers take one or two windows as
//! wide as the column needs. Full-width scalars are split in halves by the curve's endomorphism
//! ([`glv`]), which is applied to the sums of buckets and not to the bases. Results are exact group
//! elements, so that neither the number of threads nor the order of additions shows in them.

mod buckets;
mod digits;
pub(crate) mod glv;
pub(crate) mod kernel;
mod plan;
mod reduce;
pub(crate) mod runs;
mod sparse;

#[cfg(test)]
mod tests;

use crate::Error;
use halo2curves::bn256::{Fr, G1Affine};
use kernel::{Kernel, Portable};

/// One column of scalars.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Full-width scalars.
    Full(&'a [Fr]),
    /// Signed integers, and full-width scalars behind them.
    Small {
        /// The scalars of the first bases.
        values: &'a [i32],
        /// The scalars of the bases that follow; meant for a handful of blinding rows.
        tail: &'a [Fr],
    },
}

impl Column<'_> {
    /// Number of scalars.
    pub fn len(&self) -> usize {
        match self {
            Self::Full(scalars) => scalars.len(),
            Self::Small { values, tail } => values.len() + tail.len(),
        }
    }

    /// Whether there is no scalar.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Points, prepared for many multiplications.
#[derive(Debug)]
pub struct Bases(Prepared);

#[derive(Debug)]
enum Prepared {
    Portable(Vec<Point>),
}

impl Bases {
    /// Converts points to the form that the kernel works on: 64 bytes a point.
    ///
    /// # Errors
    /// [`Error::Length`] for `2^31` points or more.
    pub fn new(points: &[G1Affine]) -> Result<Self, Error> {
        if points.len() >= kernel::Term::MAX_SOURCE {
            return Err(Error::Length {
                operation: "bases",
                expected: kernel::Term::MAX_SOURCE - 1,
                found: points.len(),
            });
        }
        Ok(Self(Prepared::Portable(curve::encode(points))))
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        match &self.0 {
            Prepared::Portable(points) => points.len(),
        }
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `sum_i s_i B_i` for every column, on the caller's rayon pool. A column may be shorter than the
/// bases: it takes the first of them.
///
/// # Errors
/// [`Error::Length`] for a column that is longer than the bases.
pub fn msm(bases: &Bases, columns: &[Column<'_>]) -> Result<Vec<G1Affine>, Error> {
    if let Some(long) = columns.iter().find(|column| column.len() > bases.len()) {
        return Err(Error::Length {
            operation: "msm",
            expected: bases.len(),
            found: long.len(),
        });
    }
    Ok(match &bases.0 {
        Prepared::Portable(points) => plan::msm(Engine::Portable, points, columns),
    })
}
