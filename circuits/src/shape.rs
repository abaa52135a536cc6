//! The shape of a circuit: everything that its constraint system depends on.
//!
//! A verifying key carries the shape, so that a verifier can rebuild the constraint system
//! without the model.

use crate::Error;
use crate::form::{CellRef, LinForm, LocalGate, Pattern, TableLookup};
use serde::{Deserialize, Serialize};

/// Rows at the end of the domain that hold blinding values, and one more for the row after the
/// last step of the claim sum.
pub const RESERVED_ROWS: usize = 8;

/// Smallest and largest supported log2 of the number of rows.
pub const K_RANGE: std::ops::RangeInclusive<u32> = 5..=22;

/// Cells of one lookup helper column.
pub const CELLS_PER_HELPER: usize = 3;

/// Most factors of a product in a local gate: with the selector, degree 5.
pub const MAX_FACTORS: usize = 4;

/// Most ports.
pub const MAX_PORTS: usize = 8;

/// Largest sum of all exponents in patterns: a power is written out as that many products.
const MAX_EXPONENTS: u64 = 1 << 20;

/// Columns and gates of a circuit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// log2 of the number of rows.
    pub k: u32,
    /// Width of a lane cell in bits.
    pub lane_bits: u32,
    /// Number of lanes.
    pub lanes: u16,
    /// Number of fixed lanes.
    pub fixed_lanes: u16,
    /// Number of public values.
    pub public_values: u32,
    /// Number of instance columns; value `i` stands in column `i mod columns`, row `i / columns`.
    pub instance_columns: u16,
    /// Patterns of each port.
    pub ports: Vec<Vec<Pattern>>,
    /// Patterns of the runs.
    pub runs: Vec<Pattern>,
    /// Row-local gates of the units.
    pub gates: Vec<LocalGate>,
    /// Lookups into the function tables, each with a selector.
    pub tables: Vec<TableLookup>,
}

impl Shape {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        1 << self.k
    }

    /// Rows on which lanes are range-checked and the claim sum steps.
    pub fn active_rows(&self) -> usize {
        self.rows() - RESERVED_ROWS
    }

    /// Number of lookup helper columns.
    pub fn helpers(&self) -> usize {
        usize::from(self.lanes).div_ceil(CELLS_PER_HELPER)
    }

    /// Exact length of each instance column.
    pub fn instance_lengths(&self) -> Vec<usize> {
        let (n, cols) = (self.public_values as usize, usize::from(self.instance_columns));
        (0..cols).map(|c| (n + cols - 1 - c) / cols).collect()
    }

    /// Distributes public values over the instance columns.
    pub fn split_public<T: Clone>(&self, values: &[T]) -> Vec<Vec<T>> {
        let cols = usize::from(self.instance_columns);
        (0..cols)
            .map(|c| values.iter().skip(c).step_by(cols).cloned().collect())
            .collect()
    }

    /// Checks that a shape from an untrusted file is within the bounds that the rest of the crate
    /// relies on: sizes, column references and degrees.
    ///
    /// # Errors
    /// [`Error::InvalidShape`] says what was expected and what was found.
    pub fn validate(&self) -> Result<(), Error> {
        fn check(ok: bool, expected: &str, found: impl ToString) -> Result<(), Error> {
            if ok {
                Ok(())
            } else {
                Err(Error::InvalidShape {
                    expected: expected.into(),
                    found: found.to_string(),
                })
            }
        }
        check(K_RANGE.contains(&self.k), "k from 5 to 22", self.k)?;
        check(
            (1..=16).contains(&self.lane_bits),
            "limbs of 1 to 16 bits",
            self.lane_bits,
        )?;
        check(
            1usize << self.lane_bits <= self.active_rows(),
            "a range table that fits the rows",
            self.lane_bits,
        )?;
        check((1..=128).contains(&self.lanes), "1 to 128 lanes", self.lanes)?;
        check(
            self.fixed_lanes <= 128,
            "at most 128 fixed lanes",
            self.fixed_lanes,
        )?;
        check(
            self.instance_columns <= 64,
            "at most 64 instance columns",
            self.instance_columns,
        )?;
        check(
            (self.public_values == 0) == (self.instance_columns == 0),
            "instance columns if and only if there are public values",
            self.instance_columns,
        )?;
        let longest = self.instance_lengths().into_iter().max().unwrap_or(0);
        check(
            longest <= self.active_rows(),
            "instance columns that fit the rows",
            longest,
        )?;
        check(
            (2..=MAX_PORTS).contains(&self.ports.len()),
            "2 to 8 ports",
            self.ports.len(),
        )?;
        check(self.gates.len() <= 256, "at most 256 gates", self.gates.len())?;
        check(
            self.tables.len() <= 16,
            "at most 16 table lookups",
            self.tables.len(),
        )?;
        let patterns: usize = self.ports.iter().map(Vec::len).sum::<usize>() + self.runs.len();
        check(patterns <= 1024, "at most 1024 patterns", patterns)?;

        let all_patterns = || self.ports.iter().flatten().chain(&self.runs);
        let forms = all_patterns().flat_map(|p| p.terms.iter().map(|t| &t.1));
        let local = self
            .gates
            .iter()
            .flat_map(|g| &g.constraints)
            .flat_map(|c| &c.products);
        for gate in &self.gates {
            check(!gate.constraints.is_empty(), "gates with a constraint", 0)?;
            let products = gate
                .constraints
                .iter()
                .map(|c| c.products.len())
                .max()
                .unwrap_or(0);
            check(products <= 16, "constraints of at most 16 products", products)?;
        }
        for (_, factors) in local.clone() {
            check(
                factors.len() <= MAX_FACTORS,
                "gates of at most 4 factors",
                factors.len(),
            )?;
        }
        let lookups = self.tables.iter().flat_map(|t| [&t.id, &t.value, &t.slope]);
        for form in forms.chain(local.flat_map(|p| &p.1)).chain(lookups) {
            self.check_form(form)?;
        }
        let mut exponents = 0;
        for pattern in all_patterns() {
            check(
                pattern.terms.len() <= 256,
                "patterns of at most 256 terms",
                pattern.terms.len(),
            )?;
            for (poly, _) in &pattern.terms {
                check(
                    poly.terms().len() <= 256,
                    "polynomials of at most 256 terms",
                    poly.terms().len(),
                )?;
                for (m, _) in poly.terms() {
                    let e = m.largest_exponent();
                    check(e <= MAX_PATTERN_EXPONENT, "pattern exponents of at most 1024", e)?;
                    exponents += m.degree();
                }
            }
        }
        check(
            exponents <= MAX_EXPONENTS,
            "pattern exponents of at most 2^20 together",
            exponents,
        )
    }

    fn check_form(&self, form: &LinForm) -> Result<(), Error> {
        let cells =
            usize::from(self.lanes) + usize::from(self.fixed_lanes) + usize::from(self.instance_columns) + 1;
        if form.terms.len() > cells {
            return Err(Error::InvalidShape {
                expected: format!("forms of at most {cells} cells"),
                found: form.terms.len().to_string(),
            });
        }
        for (cell, _) in &form.terms {
            let ok = match *cell {
                CellRef::Lane(i) => i < self.lanes,
                CellRef::Fixed(i) => i < self.fixed_lanes,
                CellRef::Instance(i) => i < self.instance_columns,
                CellRef::Pair => true,
            };
            if !ok {
                return Err(Error::InvalidShape {
                    expected: "cells within the columns".into(),
                    found: format!("{cell:?}"),
                });
            }
        }
        Ok(())
    }
}

/// Largest challenge exponent inside a pattern.
pub const MAX_PATTERN_EXPONENT: u32 = 1024;
