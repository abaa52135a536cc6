//! Multi-scalar multiplication: `sum_i s_i B_i` for many columns of scalars over the same bases.
//!
//! Pippenger's method. A scalar is written in signed digits; for each window of digits, points are
//! sorted into buckets by their digit, each bucket is summed by a tree of batched affine additions
//! ([`crate::curve::runs`]), and the buckets by weight ([`reduce`]). Small integers take one or two windows as
//! wide as the column needs; entries of a table are sorted by their positions ([`dictionary`]). Full-width scalars are split in halves by the curve's endomorphism
//! ([`crate::curve::glv`]), which is applied to the sums of buckets and not to the bases. Results are exact group
//! elements, so that neither the number of threads nor the order of additions shows in them.

mod buckets;
pub(crate) mod dictionary;
pub(crate) mod digits;
mod plan;
mod reduce;
mod sparse;

#[cfg(test)]
mod tests;

use crate::curve::{self, Engine, Point, Term};
use crate::{Error, Isa, check};
use halo2curves::bn256::{Fr, G1Affine};

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
    /// Sums of entries of a table, and full-width scalars behind them.
    Dictionary {
        /// Base `i` has the scalar `sum_j table[codes[j][i]]`. At least one list; all have one length.
        codes: &'a [&'a [i32]],
        /// The table.
        table: &'a [Fr],
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
            Self::Dictionary { codes, tail, .. } => codes.first().map_or(0, |codes| codes.len()) + tail.len(),
        }
    }

    /// Whether there is no scalar.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Points, prepared for many multiplications.
#[derive(Debug)]
pub struct Bases {
    engine: Engine,
    points: Vec<Point>,
}

impl Bases {
    /// Copies points for an instruction set: 64 bytes each.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if this machine lacks the instruction set, [`Error::Length`] for `2^31`
    /// points or more.
    pub fn new(points: &[G1Affine], isa: Isa) -> Result<Self, Error> {
        if points.len() >= Term::MAX_SOURCE {
            return Err(Error::length("bases", Term::MAX_SOURCE - 1, points.len()));
        }
        Ok(Self {
            engine: Engine::new(isa)?,
            points: curve::encode(points),
        })
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
}

/// `sum_i s_i B_i` for every column, on the caller's rayon pool. A column may be shorter than the
/// bases: it takes the first of them.
///
/// # Errors
/// [`Error::Length`] for a column that is longer than the bases; for codes [`Error::Empty`], [`Error::Length`]
/// and [`Error::Code`].
pub fn msm(bases: &Bases, columns: &[Column<'_>]) -> Result<Vec<G1Affine>, Error> {
    for column in columns {
        if let Column::Dictionary { codes, table, .. } = column {
            check::codes("msm", codes, table.len())?;
        }
        check::column(bases.len(), column.len())?;
    }
    let expanded: Vec<Option<Vec<Fr>>> = columns.iter().map(dictionary::expanded).collect();
    let choose = |(column, expanded)| match expanded {
        Some(scalars) => Column::Full(scalars),
        None => column,
    };
    let expanded = expanded.iter().map(|scalars| scalars.as_deref());
    let columns: Vec<Column<'_>> = columns.iter().copied().zip(expanded).map(choose).collect();
    let limit = plan::limit(bases.points.len());
    // On a thread of the pool: parallel sections that start elsewhere cost a change of threads each.
    Ok(rayon::scope(|_| {
        plan::msm(bases.engine, &bases.points, &columns, limit)
    }))
}
