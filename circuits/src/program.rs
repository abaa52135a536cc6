//! What the compiler emits besides the shape: which cell holds what, row by row.

use crate::poseidon::Chain;
use crate::scalar::{Scalar, ScalarId};

/// One use of a coefficient column: adds `scalar_a scalar_b pattern(row)` to the constraint sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoefficientColumnUse {
    /// The row.
    pub row: u32,
    /// The pattern's index in the coefficient column's list.
    pub pattern: u16,
    /// First factor.
    pub a: ScalarId,
    /// Second factor.
    pub b: ScalarId,
}

/// Rows whose patterns, times their scalars, are added up in the running evaluation column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horner {
    /// Consecutive rows; scalars stand in the first coefficient column, patterns are [`crate::Shape::evaluations`].
    pub steps: Vec<CoefficientColumnUse>,
}

/// A selector that is on over a range of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateUse {
    /// Index in [`crate::Shape::gates`].
    pub gate: u16,
    /// First row.
    pub first: u32,
    /// Number of rows.
    pub rows: u32,
}

/// Rows of the function tables: `(value, slope)` by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRows(pub Vec<(i64, i64)>);

/// The content of the fixed columns and the copy constraints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Uses of each coefficient column.
    pub coefficient_columns: Vec<Vec<CoefficientColumnUse>>,
    /// Rows of the local gates.
    pub gates: Vec<GateUse>,
    /// Lookup, first row and number of rows of each use of the function tables.
    pub table_rows: Vec<(u16, u32, u32)>,
    /// The function tables.
    pub tables: TableRows,
    /// All running evaluations.
    pub evaluations: Vec<Horner>,
    /// Row of each copy cell.
    pub copy_rows: Vec<u32>,
    /// All scalars.
    pub scalars: Vec<Scalar>,
    /// First row of the challenge region: base scalars on two rows, then one row for each computed scalar.
    pub challenge_region_start: u32,
    /// Values of the fixed lanes: `(lane, row, value)`; limbs of public parameters.
    pub fixed_cells: Vec<(u16, u32, u32)>,
    /// First row and permutations of each hashed message.
    pub(crate) chains: Vec<(u32, Chain)>,
    /// First row and number of rows of each region of committed parameters.
    pub weight_rows: Vec<(u32, u32)>,
}
