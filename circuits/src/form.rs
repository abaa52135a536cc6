//! Linear forms over the cells of one row, and what gates are made of: plain data, which the
//! verifying key carries and [`crate::config`] turns into constraints.

use crate::mono::Poly;
use serde::{Deserialize, Serialize};

/// A cell of the current row that a linear form may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CellRef {
    /// A lane (phase-1 advice), range-checked to `lane_bits` bits on every active row.
    Lane(u16),
    /// A fixed lane: parameters that are part of the verifying key.
    Fixed(u16),
    /// An instance column.
    Instance(u16),
    /// The copy column (phase-1 advice).
    Copied,
    /// A column of the hash chip (phase-1 advice).
    Hash(u8),
}

/// `sum_i coefficient_i cell_i + constant`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LinForm {
    /// Coefficients and cells.
    pub terms: Vec<(CellRef, i64)>,
    /// The constant.
    pub constant: i64,
}

impl LinForm {
    /// One cell.
    pub fn cell(cell: CellRef) -> Self {
        LinForm {
            terms: vec![(cell, 1)],
            constant: 0,
        }
    }

    /// A constant.
    pub fn constant(c: i64) -> Self {
        LinForm {
            terms: vec![],
            constant: c,
        }
    }

    /// `sum_i lane_(first + i) 2^(i bits)`: an unsigned number of several limbs.
    pub fn limbs(first: u16, limbs: u8, bits: u32) -> Self {
        LinForm {
            terms: (0..u16::from(limbs))
                .map(|i| (CellRef::Lane(first + i), 1i64 << (u32::from(i) * bits)))
                .collect(),
            constant: 0,
        }
    }

    /// A signed number of several limbs: [`LinForm::limbs`] less `2^(limbs bits - 1)`.
    pub fn signed_limbs(first: u16, limbs: u8, bits: u32) -> Self {
        Self::limbs(first, limbs, bits).plus_constant(-(1i64 << (u32::from(limbs) * bits - 1)))
    }

    /// The form plus a constant.
    #[must_use]
    pub fn plus_constant(mut self, c: i64) -> Self {
        self.constant += c;
        self
    }

    /// The form times an integer.
    #[must_use]
    pub fn times(mut self, c: i64) -> Self {
        for t in &mut self.terms {
            t.1 *= c;
        }
        self.constant *= c;
        self.terms.retain(|t| t.1 != 0);
        self
    }

    /// The sum of two forms.
    #[must_use]
    pub fn plus(mut self, o: &LinForm) -> Self {
        for &(cell, c) in &o.terms {
            match self.terms.iter_mut().find(|t| t.0 == cell) {
                Some(t) => t.1 += c,
                None => self.terms.push((cell, c)),
            }
        }
        self.terms.retain(|t| t.1 != 0);
        self.constant += o.constant;
        self
    }

    /// The difference of two forms.
    #[must_use]
    pub fn minus(self, o: &LinForm) -> Self {
        self.plus(&o.clone().times(-1))
    }

    /// The value where the lanes hold these cells; other cells count as 0.
    pub(crate) fn on_lanes(&self, lanes: &[u32]) -> i64 {
        let cell = |cell| match cell {
            CellRef::Lane(l) => i64::from(lanes[usize::from(l)]),
            CellRef::Fixed(_) | CellRef::Instance(_) | CellRef::Copied | CellRef::Hash(_) => 0,
        };
        self.constant + self.terms.iter().map(|&(c, k)| k * cell(c)).sum::<i64>()
    }

    /// The same form `by` lanes to the right.
    #[must_use]
    pub fn shifted(&self, by: u16) -> Self {
        let shift = |cell| match cell {
            CellRef::Lane(l) => CellRef::Lane(l + by),
            CellRef::Fixed(l) => CellRef::Fixed(l + by),
            other => other,
        };
        LinForm {
            terms: self.terms.iter().map(|&(c, k)| (shift(c), k)).collect(),
            constant: self.constant,
        }
    }
}

/// A constraint `sum_i coefficient_i prod_j form_ij = 0` over the lanes of one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Constraint {
    /// What the constraint says, for failure messages.
    pub name: String,
    /// Coefficients and factors. At most four factors: with the selector, degree 5.
    pub products: Vec<(i64, Vec<LinForm>)>,
}

impl Constraint {
    /// `prod_j form_j = 0`.
    pub fn zero_product(name: impl Into<String>, factors: Vec<LinForm>) -> Self {
        Constraint {
            name: name.into(),
            products: vec![(1, factors)],
        }
    }

    /// `form = 0`.
    pub fn zero(name: impl Into<String>, form: LinForm) -> Self {
        Self::zero_product(name, vec![form])
    }

    /// The same constraint `by` lanes to the right.
    #[must_use]
    pub fn shifted(&self, by: u16) -> Self {
        Constraint {
            name: self.name.clone(),
            products: self
                .products
                .iter()
                .map(|(c, fs)| (*c, fs.iter().map(|f| f.shifted(by)).collect()))
                .collect(),
        }
    }
}

/// Constraints that one selector enables on a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalGate {
    /// Name of the gadget, for failure messages.
    pub name: String,
    /// The constraints.
    pub constraints: Vec<Constraint>,
}

impl LocalGate {
    /// Most factors of a product.
    pub(crate) fn factors(&self) -> usize {
        let products = self.constraints.iter().flat_map(|c| &c.products);
        products.map(|(_, factors)| factors.len()).max().unwrap_or(0)
    }
}

/// `sum_i poly_i form_i`: what a coefficient column adds to the constraint sum, up to the row's scalar.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pattern {
    /// Challenge polynomials and forms.
    pub terms: Vec<(Poly, LinForm)>,
}

/// A tuple that is looked up in the function tables.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableLookup {
    /// Row of the function table.
    pub id: LinForm,
    /// Value column.
    pub value: LinForm,
    /// Slope column.
    pub slope: LinForm,
}
