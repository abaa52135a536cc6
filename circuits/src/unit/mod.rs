//! Units: the groups of neighbouring lane cells that hold one element of an operation.
//!
//! A unit says which cells it has, which linear forms over them are the operands of the
//! operation and its result, and which row-local constraints tie them together. Operands are
//! bound to the tensors they come from by linear claims ([`crate::claim`]).
//!
//! Every lane cell lies in `[0, 2^b)` with `b = lane_bits`, enforced by the range lookup on
//! every active row ([`crate::config`]): each file states the bounds that follow from this.

mod arg_max;
mod clamp;
mod clip;
mod div;
mod div_const;
mod lut;
mod max;
mod mul;
mod plain;
mod rescale;

use crate::Error;
use crate::form::{Constraint, LinForm, TableLookup};

pub(crate) use clamp::Clamp;
pub(crate) use max::{MAX_FAN_IN, MaxUnit};

/// What a unit computes, with everything its layout depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum UnitKind {
    Plain {
        limbs: u8,
        signed: bool,
    },
    Rescale {
        clamp: Clamp,
        remainder: u8,
    },
    Max(MaxUnit),
    Clip {
        lo: i64,
        hi: i64,
        limbs: u8,
    },
    Mul {
        shift: u32,
        limbs: u8,
        operand_limbs: [u8; 2],
    },
    DivConst {
        divisor: u32,
        limbs: u8,
    },
    Div {
        shift: u32,
        limbs: u8,
        operand_limbs: [u8; 2],
    },
    Lut(lut::LutUnit),
    ArgMax {
        limbs: u8,
    },
}

pub(crate) use lut::LutUnit;

/// Cells, forms and constraints of a unit whose first cell is lane 0.
#[derive(Clone, Debug)]
pub(crate) struct UnitLayout {
    /// Number of cells.
    pub width: u16,
    /// Forms that equal the operands times `2^input_halves`.
    pub inputs: Vec<LinForm>,
    /// See [`UnitLayout::inputs`]; operations that scale each element differently say so in their claim.
    pub input_halves: u32,
    /// Forms that other claims may read; the first is the result.
    pub outputs: Vec<LinForm>,
    /// Row-local constraints.
    pub constraints: Vec<Constraint>,
    /// Lookup into the function tables.
    pub lookup: Option<TableLookup>,
}

impl UnitKind {
    /// Layout for lanes of `b` bits.
    pub fn layout(&self, b: u32) -> UnitLayout {
        match self {
            UnitKind::Plain { limbs, signed } => plain::layout(b, *limbs, *signed),
            UnitKind::Rescale { clamp, remainder } => rescale::layout(b, *clamp, *remainder),
            UnitKind::Max(unit) => max::layout(b, unit),
            UnitKind::Clip { lo, hi, limbs } => clip::layout(b, *lo, *hi, *limbs),
            UnitKind::Mul {
                shift,
                limbs,
                operand_limbs,
            } => mul::layout(b, *shift, *limbs, *operand_limbs),
            UnitKind::DivConst { divisor, limbs } => div_const::layout(b, *divisor, *limbs),
            UnitKind::Div {
                shift,
                limbs,
                operand_limbs,
            } => div::layout(b, *shift, *limbs, *operand_limbs),
            UnitKind::Lut(unit) => lut::layout(b, unit),
            UnitKind::ArgMax { limbs } => arg_max::layout(b, *limbs),
        }
    }

    /// Writes the cells of a unit with these arguments.
    ///
    /// # Errors
    /// [`Error::Witness`] for arguments that the unit cannot hold.
    pub fn fill(&self, b: u32, args: &[i64], cells: &mut [u32]) -> Result<(), Error> {
        let mut w = CellWriter {
            unit: self.name(),
            b,
            cells,
            at: 0,
        };
        match self {
            UnitKind::Plain { limbs, signed } => plain::fill(&mut w, *limbs, *signed, args),
            UnitKind::Rescale { clamp, remainder } => rescale::fill(&mut w, *clamp, *remainder, args),
            UnitKind::Max(unit) => max::fill(&mut w, unit, args),
            UnitKind::Clip { lo, hi, limbs } => clip::fill(&mut w, *lo, *hi, *limbs, args),
            UnitKind::Mul {
                shift,
                limbs,
                operand_limbs,
            } => mul::fill(&mut w, *shift, *limbs, *operand_limbs, args),
            UnitKind::DivConst { divisor, limbs } => div_const::fill(&mut w, *divisor, *limbs, args),
            UnitKind::Div {
                shift,
                limbs,
                operand_limbs,
            } => div::fill(&mut w, *shift, *limbs, *operand_limbs, args),
            UnitKind::Lut(unit) => lut::fill(&mut w, unit, args),
            UnitKind::ArgMax { limbs } => arg_max::fill(&mut w, *limbs, args),
        }
    }

    /// Bits that the widest form of the unit needs: a value next to its remainder, or a scaled value.
    pub fn form_bits(&self, b: u32) -> u32 {
        let limbs = |n: u8| u32::from(n) * b;
        match *self {
            UnitKind::Plain { limbs: n, .. } | UnitKind::ArgMax { limbs: n } => limbs(n),
            UnitKind::Rescale { clamp, remainder } => clamp.bits(b) + limbs(remainder),
            UnitKind::Max(unit) => {
                // Without saturation both parts lie in the range of an operand.
                let difference = u32::from(unit.clamp.saturation.is_some());
                unit.clamp.bits(b).max(limbs(unit.distance)) + difference + limbs(unit.remainder)
            }
            UnitKind::Clip { limbs: n, .. } => limbs(n) + 1,
            UnitKind::Mul { shift, limbs: n, .. } => limbs(n) + shift.next_multiple_of(b),
            UnitKind::DivConst { divisor, limbs: n } => limbs(n) + 1 + u32::BITS - divisor.leading_zeros(),
            UnitKind::Div {
                shift, operand_limbs, ..
            } => limbs(operand_limbs[0]) + shift + 1,
            UnitKind::Lut(ref unit) => limbs(unit.table.limbs) + b,
        }
    }

    /// Arguments for slots of a row that hold no element.
    pub fn idle_args(&self) -> Vec<i64> {
        match self {
            UnitKind::Plain { .. } => vec![0],
            UnitKind::Rescale { .. } => vec![0, 0],
            UnitKind::Max(unit) => vec![0; usize::from(unit.inputs) + 1],
            UnitKind::Clip { lo, .. } => vec![*lo],
            UnitKind::Mul { .. } => vec![0, 0],
            UnitKind::DivConst { .. } => vec![0],
            UnitKind::Div { .. } => vec![0, 1],
            UnitKind::Lut(unit) => vec![unit.table.lo],
            UnitKind::ArgMax { .. } => vec![0, 0, 0],
        }
    }

    /// Name for failure messages.
    pub fn name(&self) -> &'static str {
        match self {
            UnitKind::Plain { .. } => "plain",
            UnitKind::Rescale { .. } => "rescale",
            UnitKind::Max(_) => "max",
            UnitKind::Clip { .. } => "clip",
            UnitKind::Mul { .. } => "mul",
            UnitKind::DivConst { .. } => "div_const",
            UnitKind::Div { .. } => "div",
            UnitKind::Lut(_) => "lut",
            UnitKind::ArgMax { .. } => "arg_max",
        }
    }
}

/// Writes limbs one after the other.
pub(crate) struct CellWriter<'a> {
    unit: &'static str,
    b: u32,
    cells: &'a mut [u32],
    at: usize,
}

impl CellWriter<'_> {
    /// The limb width.
    fn bits(&self) -> u32 {
        self.b
    }

    /// An unsigned number of `limbs` limbs.
    fn unsigned(&mut self, value: i128, limbs: u8) -> Result<(), Error> {
        let bits = u32::from(limbs) * self.b;
        if value < 0 || value >> bits != 0 {
            return Err(Error::Witness {
                unit: self.unit,
                value,
                bits,
            });
        }
        for i in 0..u32::from(limbs) {
            self.cells[self.at] = ((value >> (i * self.b)) & ((1 << self.b) - 1)) as u32;
            self.at += 1;
        }
        Ok(())
    }

    /// A signed number of `limbs` limbs, stored with its bias.
    fn signed(&mut self, value: i128, limbs: u8) -> Result<(), Error> {
        self.unsigned(value + (1i128 << (u32::from(limbs) * self.b - 1)), limbs)
    }
}

/// Allots cells of a unit from left to right.
struct CellAllotter {
    b: u32,
    next: u16,
}

impl CellAllotter {
    fn new(b: u32) -> Self {
        CellAllotter { b, next: 0 }
    }

    fn unsigned(&mut self, limbs: u8) -> LinForm {
        let form = LinForm::limbs(self.next, limbs, self.b);
        self.next += u16::from(limbs);
        form
    }

    fn signed(&mut self, limbs: u8) -> LinForm {
        let form = LinForm::signed_limbs(self.next, limbs, self.b);
        self.next += u16::from(limbs);
        form
    }
}

/// `2^(rem b) y + r - 2^(rem b - 1)`: what a value is, times `2^(rem b - shift)`, when `y` is its
/// rounded shift and `r` the remainder in `rem` limbs; `y` itself for `rem = 0`.
///
/// For a shift of at most `rem b` bits this determines `y` and `r`: the left side is an integer,
/// and `0 <= r < 2^(rem b)` by the range check.
fn rescaled(y: &LinForm, r: &LinForm, rem: u8, b: u32) -> LinForm {
    if rem == 0 {
        return y.clone();
    }
    let bits = u32::from(rem) * b;
    y.clone()
        .times(1 << bits)
        .plus(r)
        .plus_constant(-(1 << (bits - 1)))
}

/// The remainder that [`rescaled`] has for a value, its shift and its rounded shift `y`.
fn remainder(x: i64, shift: u32, y: i128, rem: u8, b: u32) -> i128 {
    if rem == 0 {
        return 0;
    }
    let bits = u32::from(rem) * b;
    (i128::from(x) << (bits - shift)) + (1 << (bits - 1)) - (y << bits)
}
