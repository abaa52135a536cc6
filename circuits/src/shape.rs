//! The shape of a circuit: everything that its constraint system depends on.
//!
//! A verifying key carries the shape, so that a verifier can rebuild the constraint system
//! without the model.

use crate::Error;
use crate::form::{CellRef, LinForm, LocalGate, Pattern, TableLookup};
use serde::{Deserialize, Serialize};

/// Most columns of the design in one column of the proof system ([`mod@crate::fold`]).
pub const MAX_FOLD: u16 = 16;

/// Smallest and largest supported log2 of the number of rows.
pub const K_RANGE: std::ops::RangeInclusive<u32> = 5..=22;

/// Most lanes.
pub const MAX_LANES: u16 = 128;

/// Cells of one lookup helper column.
pub const CELLS_PER_HELPER: usize = 3;

/// Most factors of a product in a local gate: with the selector, degree 5.
pub const MAX_FACTORS: usize = 4;

/// Most coefficient columns.
pub const MAX_PORTS: usize = 8;

/// The largest degree of a linear constraint: far more than tensors of any size lead to.
const MAX_LINEAR_CONSTRAINT_DEGREE: u64 = 1 << 40;

/// Most cells and products that all constraints are written out as: a power of a challenge is as many products
/// as its exponent says. A reader of a stranger's key builds them.
const MAX_TERMS: u64 = 1 << 20;

/// Columns and gates of a circuit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// log2 of the number of rows of the proof system.
    pub k: u32,
    /// Rows of the proof system for each row of the design, from 1 to [`MAX_FOLD`].
    pub fold: u16,
    /// Width of a lane cell in bits.
    pub lane_bits: u32,
    /// Number of lanes.
    pub lanes: u16,
    /// Number of fixed lanes.
    pub fixed_lanes: u16,
    /// Number of public values that linear constraints are about.
    pub public_values: u32,
    /// Number of instance columns for them; value `i` stands in column `i mod columns`, row `i / columns` of
    /// the design.
    pub instance_columns: u16,
    /// Number of further public values, in an instance column of their own that no gate reads.
    pub context: u16,
    /// Whether there are the columns and gates of the hash chip.
    pub hash: bool,
    /// Whether the last fixed column, which no gate reads, marks the rows of committed parameters.
    pub committed: bool,
    /// Patterns of each coefficient column.
    pub coefficient_columns: Vec<Vec<Pattern>>,
    /// Patterns of the running evaluations.
    pub evaluations: Vec<Pattern>,
    /// Row-local gates of the gadgets.
    pub gates: Vec<LocalGate>,
    /// Lookups into the function tables, each with a selector.
    pub tables: Vec<TableLookup>,
    /// The largest degree, in the challenges, of what a coefficient column adds to the constraint sum: it bounds the error of the
    /// proof system and changes no constraint.
    pub linear_constraint_degree: u64,
}

impl Shape {
    /// Number of rows of the proof system.
    pub fn rows(&self) -> usize {
        1 << self.k
    }

    /// Rows of the design on which lanes are range-checked and the constraint sum steps.
    pub fn active_rows(&self) -> usize {
        let fold = usize::from(self.fold);
        self.rows().saturating_sub(reserved_rows(self.fold)) / fold.max(1)
    }

    /// The same circuit, folded: the smallest k for this many rows of the design.
    #[must_use]
    pub fn folded(mut self, fold: u16, rows: usize) -> Self {
        let needed = rows * usize::from(fold) + reserved_rows(fold);
        self.fold = fold;
        self.k = needed.next_power_of_two().trailing_zeros().max(*K_RANGE.start());
        self
    }

    /// Number of lookup helper columns.
    pub fn helpers(&self) -> usize {
        usize::from(self.lanes).div_ceil(CELLS_PER_HELPER)
    }

    /// Number of public values in each instance column.
    pub fn instance_values(&self) -> Vec<usize> {
        let (n, cols) = (self.public_values as usize, usize::from(self.instance_columns));
        let context = (self.context > 0).then(|| self.context.into());
        (0..cols)
            .map(|c| (n + cols - 1 - c) / cols)
            .chain(context)
            .collect()
    }

    /// Exact length of each instance column of the proof system.
    pub fn instance_lengths(&self) -> Vec<usize> {
        let fold = usize::from(self.fold);
        let length = |values: usize| values.saturating_sub(1) * fold + values.min(1);
        let claimed = usize::from(self.instance_columns);
        let values = self.instance_values().into_iter().enumerate();
        values
            .map(|(column, n)| if column < claimed { length(n) } else { n })
            .collect()
    }

    /// Number of all public values: those that linear constraints are about, then the context.
    pub fn all_public_values(&self) -> usize {
        self.public_values as usize + usize::from(self.context)
    }

    /// Distributes all public values over the instance columns of the design.
    pub fn split_public<T: Clone>(&self, values: &[T]) -> Vec<Vec<T>> {
        let cols = usize::from(self.instance_columns);
        let (claimed, context) = values.split_at(values.len().min(self.public_values as usize));
        let context = (self.context > 0).then(|| context.to_vec());
        (0..cols)
            .map(|c| claimed.iter().skip(c).step_by(cols).cloned().collect())
            .chain(context)
            .collect()
    }

    /// All public values from the instance columns of the design: the inverse of [`Shape::split_public`].
    pub fn join_public<T: Clone>(&self, columns: &[Vec<T>]) -> Vec<T> {
        let (claimed, context) = columns.split_at(columns.len().min(self.instance_columns.into()));
        let cols = claimed.len().max(1);
        (0..self.public_values as usize)
            .filter_map(|i| claimed.get(i % cols)?.get(i / cols))
            .chain(context.iter().flatten())
            .cloned()
            .collect()
    }

    /// The advice columns of the proof system that hold committed parameters; none where they are not
    /// committed. Columns of phase 1 begin a proof, in the order of their indices.
    pub fn weight_columns(&self) -> std::ops::Range<usize> {
        if !self.committed {
            return 0..0;
        }
        let fold = usize::from(self.fold).max(1);
        // Pair and multiplicities come first.
        let first = (2 + usize::from(!self.tables.is_empty())).div_ceil(fold);
        first..first + usize::from(self.lanes).div_ceil(fold)
    }

    /// The instance columns of the proof system from those of the design: 0 where no value stands. The
    /// context, which no gate reads, stays together.
    pub fn instances<T: Clone + Default>(&self, columns: &[Vec<T>]) -> Vec<Vec<T>> {
        let fold = usize::from(self.fold);
        let stretch = |column: &Vec<T>| {
            let mut stretched = vec![T::default(); (column.len() * fold).saturating_sub(fold - 1)];
            for (row, value) in column.iter().enumerate() {
                stretched[row * fold] = value.clone();
            }
            stretched
        };
        let (claimed, context) = columns.split_at(columns.len().min(self.instance_columns.into()));
        claimed
            .iter()
            .map(stretch)
            .chain(context.iter().cloned())
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
            (1..=MAX_FOLD).contains(&self.fold),
            "a fold of 1 to 16",
            self.fold,
        )?;
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
        check(
            (1..=MAX_LANES).contains(&self.lanes),
            "1 to 128 lanes",
            self.lanes,
        )?;
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
        let longest = self.instance_values().into_iter().max().unwrap_or(0);
        check(
            longest <= self.active_rows(),
            "instance columns that fit the rows",
            longest,
        )?;
        check(
            (2..=MAX_PORTS).contains(&self.coefficient_columns.len()),
            "2 to 8 coefficient columns",
            self.coefficient_columns.len(),
        )?;
        check(self.gates.len() <= 256, "at most 256 gates", self.gates.len())?;
        check(
            self.tables.len() <= 16,
            "at most 16 table lookups",
            self.tables.len(),
        )?;
        check(
            self.linear_constraint_degree <= MAX_LINEAR_CONSTRAINT_DEGREE,
            "linear constraints of a degree of at most 2^40",
            self.linear_constraint_degree,
        )?;
        let patterns: usize =
            self.coefficient_columns.iter().map(Vec::len).sum::<usize>() + self.evaluations.len();
        check(patterns <= 1024, "at most 1024 patterns", patterns)?;

        let all_patterns = || self.coefficient_columns.iter().flatten().chain(&self.evaluations);
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
        let constraints = self.gates.iter().map(|g| g.constraints.len()).sum::<usize>();
        let mut terms = (constraints + local.clone().count()) as u64;
        for form in forms.chain(local.flat_map(|p| &p.1)).chain(lookups) {
            self.check_form(form)?;
            terms += form.terms.len() as u64 + 1;
        }
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
                    terms += m.degree() + 1;
                }
            }
        }
        check(
            terms <= MAX_TERMS,
            "constraints of at most 2^20 cells and products together",
            terms,
        )
    }

    fn check_form(&self, form: &LinForm) -> Result<(), Error> {
        let cells =
            usize::from(self.lanes) + usize::from(self.fixed_lanes) + usize::from(self.instance_columns) + 4;
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
                CellRef::Copied => true,
                CellRef::Hash(i) => self.hash && usize::from(i) < crate::poseidon::WIDTH,
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

/// Rows at the end of the domain that no active row reaches: the row after the last active one, and
/// those that halo2 fills with random values. That are two, and one for each query of the column
/// that has most: a folded one has `fold`, the next row of the constraint sum and the running evaluation before.
fn reserved_rows(fold: u16) -> usize {
    let fold = usize::from(fold);
    let (next, queries) = (fold, fold + 2);
    next + queries.max(3) + 4
}
