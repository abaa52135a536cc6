//! Right shift with rounding, and optionally the rectifier.
//!
//! Cells: `y[limbs] r[remainder]`, or with the rectifier `pos[limbs] neg[limbs] r[remainder]`.
//! Operand: `x 2^(R b - shift) = 2^(R b) y + r - 2^(R b - 1)` with `y = pos - neg`; result: `y`,
//! or `pos`. Constraint: `pos neg = 0`.
//!
//! `r` lies in `[0, 2^(R b))` by its range check, so `y` is `x 2^-shift` rounded half up;
//! `pos` and `neg` are not negative by theirs, so one of them is the positive part of `y`.

use super::{CellAllotter, CellWriter, UnitLayout, remainder, rescaled};
use crate::Error;
use crate::form::Constraint;
use zkml_core::rounding::shift_round;

pub(super) fn layout(b: u32, limbs: u8, rem: u8, relu: bool) -> UnitLayout {
    let mut cells = CellAllotter::new(b);
    let (y, out, constraints) = if relu {
        let (pos, neg) = (cells.unsigned(limbs), cells.unsigned(limbs));
        let exclusive = Constraint::zero_product(
            "positive and negative part exclude each other",
            vec![pos.clone(), neg.clone()],
        );
        (pos.clone().minus(&neg), pos, vec![exclusive])
    } else {
        let y = cells.signed(limbs);
        (y.clone(), y, vec![])
    };
    let r = cells.unsigned(rem);
    UnitLayout {
        width: cells.next,
        inputs: vec![rescaled(&y, &r, rem, b)],
        input_halves: 0,
        outputs: vec![out],
        constraints,
        lookup: None,
    }
}

/// Arguments: the value and its shift.
pub(super) fn fill(
    w: &mut CellWriter<'_>,
    limbs: u8,
    rem: u8,
    relu: bool,
    args: &[i64],
) -> Result<(), Error> {
    let (x, shift) = (args[0], args[1] as u32);
    let y = i128::from(shift_round(x, shift));
    if relu {
        w.unsigned(y.max(0), limbs)?;
        w.unsigned((-y).max(0), limbs)?;
    } else {
        w.signed(y, limbs)?;
    }
    w.unsigned(remainder(x, shift, y, rem, w.bits()), rem)
}
