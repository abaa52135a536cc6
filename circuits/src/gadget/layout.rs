//! Cells, forms and constraints of a gadget.

use crate::form::{Constraint, LinForm, TableLookup};

/// Cells, forms and constraints of a gadget whose first cell is lane 0.
#[derive(Clone, Debug)]
pub(crate) struct GadgetLayout {
    /// Number of cells.
    pub width: u16,
    /// Forms that equal the operands times `2^input_halves`.
    pub inputs: Vec<LinForm>,
    /// See [`GadgetLayout::inputs`]; operations that scale each element differently say so in their linear constraint.
    pub input_halves: u32,
    /// Forms that linear constraints may read; the first is the result.
    pub outputs: Vec<LinForm>,
    /// Row-local constraints.
    pub constraints: Vec<Constraint>,
    /// Lookup into the function tables.
    pub lookup: Option<TableLookup>,
}

/// Allots cells of a gadget from left to right.
pub(crate) struct CellAllotter {
    b: u32,
    next: u16,
}

impl CellAllotter {
    pub fn new(b: u32) -> Self {
        CellAllotter { b, next: 0 }
    }

    /// The limb width.
    pub fn bits(&self) -> u32 {
        self.b
    }

    /// Number of cells so far.
    pub fn width(&self) -> u16 {
        self.next
    }

    pub fn unsigned(&mut self, limbs: u8) -> LinForm {
        let form = LinForm::limbs(self.next, limbs, self.b);
        self.next += u16::from(limbs);
        form
    }

    pub fn signed(&mut self, limbs: u8) -> LinForm {
        let form = LinForm::signed_limbs(self.next, limbs, self.b);
        self.next += u16::from(limbs);
        form
    }
}
