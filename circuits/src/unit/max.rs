//! Maximum of up to four shifted values, and optionally the rectifier or a clamp.
//!
//! Cells: those of the clamp ([`super::clamp`]) for the maximum `M`, then `d_i[distance] r_i[remainder]` for each
//! operand. Operand `i` shifted is `a_i = M - d_i`, and `x_i 2^(R b - shift) = 2^(R b) a_i + r_i - 2^(R b - 1)`;
//! result: that of the clamp. Constraint: `prod_i d_i = 0`.
//!
//! By their range checks `d_i >= 0`, so `M` is no less than any operand, and the product says that it equals one of
//! them; the clamp makes one result of each `M`.

use super::{CellAllotter, CellWriter, Clamp, UnitLayout, remainder, rescaled};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::rounding::shift_round;

/// Most operands of one unit: the product of their distances has degree 5 with its selector.
pub(crate) const MAX_FAN_IN: usize = 4;

/// What a maximum's cells depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MaxUnit {
    /// Number of operands.
    pub inputs: u8,
    pub clamp: Clamp,
    /// Limbs of the distances of the operands from the maximum.
    pub distance: u8,
    /// Limbs of the remainders.
    pub remainder: u8,
}

pub(super) fn layout(b: u32, unit: &MaxUnit) -> UnitLayout {
    let mut cells = CellAllotter::new(b);
    let clamped = unit
        .clamp
        .layout(&mut cells, "rectified maximum is 0 or the maximum");
    let mut constraints = clamped.constraints;
    let (mut forms, mut distances): (Vec<LinForm>, Vec<LinForm>) = (vec![], vec![]);
    for _ in 0..unit.inputs {
        let (d, r) = (cells.unsigned(unit.distance), cells.unsigned(unit.remainder));
        let operand = clamped.value.clone().minus(&d);
        forms.push(rescaled(&operand, &r, unit.remainder, b));
        distances.push(d);
    }
    constraints.push(Constraint::zero_product(
        "maximum is one of the operands",
        distances,
    ));
    UnitLayout {
        width: cells.next,
        inputs: forms,
        input_halves: 0,
        outputs: vec![clamped.result],
        constraints,
        lookup: None,
    }
}

/// Arguments: the values, then the shift.
pub(super) fn fill(w: &mut CellWriter<'_>, unit: &MaxUnit, args: &[i64]) -> Result<(), Error> {
    let inputs = usize::from(unit.inputs);
    let (values, shift) = (&args[..inputs], args[inputs] as u32);
    let shifted = |x: i64| i128::from(shift_round(x, shift));
    let largest = values.iter().map(|&x| shifted(x)).max().unwrap_or(0);
    unit.clamp.fill(w, largest)?;
    for &x in values {
        w.unsigned(largest - shifted(x), unit.distance)?;
        let rest = remainder(x, shift, shifted(x), unit.remainder, w.bits());
        w.unsigned(rest, unit.remainder)?;
    }
    Ok(())
}
