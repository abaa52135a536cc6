//! Right shift with rounding, and optionally the rectifier or a clamp.
//!
//! Cells: those of the clamp ([`super::clamp`]) for the value `v`, then `r[remainder]`.
//! Operand: `x 2^(R b - shift) = 2^(R b) v + r - 2^(R b - 1)`; result: that of the clamp.
//!
//! `r` lies in `[0, 2^(R b))` by its range check, so `v` is `x 2^-shift` rounded half up; the clamp makes one result of
//! each `v`.

use super::{CellAllotter, CellWriter, Clamp, UnitLayout, remainder, rescaled};
use crate::Error;
use zkml_core::rounding::shift_round;

pub(super) fn layout(b: u32, clamp: Clamp, rem: u8) -> UnitLayout {
    let mut cells = CellAllotter::new(b);
    let clamped = clamp.layout(&mut cells, "positive and negative part exclude each other");
    let r = cells.unsigned(rem);
    UnitLayout {
        width: cells.next,
        inputs: vec![rescaled(&clamped.value, &r, rem, b)],
        input_halves: 0,
        outputs: vec![clamped.result],
        constraints: clamped.constraints,
        lookup: None,
    }
}

/// Arguments: the value and its shift.
pub(super) fn fill(w: &mut CellWriter<'_>, clamp: Clamp, rem: u8, args: &[i64]) -> Result<(), Error> {
    let (x, shift) = (args[0], args[1] as u32);
    let value = i128::from(shift_round(x, shift));
    clamp.fill(w, value)?;
    w.unsigned(remainder(x, shift, value, rem, w.bits()), rem)
}
