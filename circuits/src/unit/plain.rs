//! A number and nothing else: inputs, parameters, copies.
//!
//! Cells: `x[limbs]`. Operand and result: `x`, in `[0, 2^(L b))`, or `[-2^(L b - 1), 2^(L b - 1))`
//! if signed, by the range check of its cells.

use super::{CellAllotter, CellWriter, UnitLayout};
use crate::Error;

pub(super) fn layout(b: u32, limbs: u8, signed: bool) -> UnitLayout {
    let mut cells = CellAllotter::new(b);
    let x = if signed {
        cells.signed(limbs)
    } else {
        cells.unsigned(limbs)
    };
    UnitLayout {
        width: cells.next,
        inputs: vec![x.clone()],
        input_halves: 0,
        outputs: vec![x],
        constraints: vec![],
        lookup: None,
    }
}

pub(super) fn fill(w: &mut CellWriter<'_>, limbs: u8, signed: bool, args: &[i64]) -> Result<(), Error> {
    let x = i128::from(args[0]);
    if signed {
        w.signed(x, limbs)
    } else {
        w.unsigned(x, limbs)
    }
}
