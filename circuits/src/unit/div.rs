//! Quotient of two values with rounding: `y = floor((2 n 2^shift + d) / (2 d))`.
//!
//! Cells: `n[operand_limbs[0]] d[operand_limbs[1]] y[limbs] r[D + 1] r'[D + 1]` with
//! `D = operand_limbs[1]`, all unsigned. Operands `n`, `d`; result `y`. Constraints:
//! `2^(shift + 1) n + d = 2 d y + r` and `r + r' + 1 = 2 d`.
//!
//! `r` and `r'` are not negative by their range checks, so `0 <= r < 2 d`: `y` is determined, and
//! `d` is not 0.

use super::{CellAllotter, CellWriter, UnitLayout};
use crate::Error;
use crate::form::{Constraint, LinForm};

pub(super) fn layout(b: u32, shift: u32, limbs: u8, operand_limbs: [u8; 2]) -> UnitLayout {
    let rem = operand_limbs[1] + 1;
    let mut cells = CellAllotter::new(b);
    let (n, d) = (cells.unsigned(operand_limbs[0]), cells.unsigned(operand_limbs[1]));
    let y = cells.unsigned(limbs);
    let (r, room) = (cells.unsigned(rem), cells.unsigned(rem));
    let one = LinForm::constant(1);
    let quotient = Constraint {
        name: "result is the rounded quotient".into(),
        products: vec![
            (1, vec![n.clone().times(1 << (shift + 1)).plus(&d).minus(&r), one]),
            (-2, vec![d.clone(), y.clone()]),
        ],
    };
    let bound = r.plus(&room).plus_constant(1).minus(&d.clone().times(2));
    UnitLayout {
        width: cells.next,
        inputs: vec![n, d],
        input_halves: 0,
        outputs: vec![y],
        constraints: vec![
            quotient,
            Constraint::zero("remainder is less than twice the denominator", bound),
        ],
        lookup: None,
    }
}

pub(super) fn fill(
    w: &mut CellWriter<'_>,
    shift: u32,
    limbs: u8,
    operand_limbs: [u8; 2],
    args: &[i64],
) -> Result<(), Error> {
    let (n, d) = (i128::from(args[0]), i128::from(args[1]));
    if d < 1 {
        return Err(Error::Witness {
            unit: "div",
            value: d,
            bits: w.bits(),
        });
    }
    let x = (n << (shift + 1)) + d;
    let (y, r) = (x.div_euclid(2 * d), x.rem_euclid(2 * d));
    w.unsigned(n, operand_limbs[0])?;
    w.unsigned(d, operand_limbs[1])?;
    w.unsigned(y, limbs)?;
    w.unsigned(r, operand_limbs[1] + 1)?;
    w.unsigned(2 * d - 1 - r, operand_limbs[1] + 1)
}
