//! Maximum of up to four shifted values, and optionally the rectifier.
//!
//! Cells: `m[limbs]`, with the rectifier `e[limbs]`, then `d_i[limbs] r_i[remainder]` for each
//! operand. With `M = m` (signed), or `M = m - e` with the rectifier, operand `i` shifted is
//! `a_i = M - d_i`, and `x_i 2^(R b - shift) = 2^(R b) a_i + r_i - 2^(R b - 1)`; result: `m`.
//! Constraints: `prod_i d_i = 0` and, with the rectifier, `m e = 0`.
//!
//! By their range checks `d_i >= 0`, so `M` is no less than any operand, and the product says
//! that it equals one of them; `m, e >= 0` and `m e = 0` make `m` the positive part of `M`.

use super::{CellAllotter, CellWriter, UnitLayout, remainder, rescaled};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::rounding::shift_round;

/// Most operands of one unit: the product of their distances has degree 5 with its selector.
pub(crate) const MAX_FAN_IN: usize = 4;

pub(super) fn layout(b: u32, inputs: u8, limbs: u8, rem: u8, relu: bool) -> UnitLayout {
    let mut cells = CellAllotter::new(b);
    let mut constraints = vec![];
    let (m, largest) = if relu {
        let (m, e) = (cells.unsigned(limbs), cells.unsigned(limbs));
        constraints.push(Constraint::zero_product(
            "rectified maximum is 0 or the maximum",
            vec![m.clone(), e.clone()],
        ));
        (m.clone(), m.minus(&e))
    } else {
        let m = cells.signed(limbs);
        (m.clone(), m)
    };
    let (mut forms, mut distances): (Vec<LinForm>, Vec<LinForm>) = (vec![], vec![]);
    for _ in 0..inputs {
        let (d, r) = (cells.unsigned(limbs), cells.unsigned(rem));
        forms.push(rescaled(&largest.clone().minus(&d), &r, rem, b));
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
        outputs: vec![m],
        constraints,
        lookup: None,
    }
}

/// Arguments: the values, then the shift.
pub(super) fn fill(
    w: &mut CellWriter<'_>,
    inputs: u8,
    limbs: u8,
    rem: u8,
    relu: bool,
    args: &[i64],
) -> Result<(), Error> {
    let (values, shift) = (&args[..usize::from(inputs)], args[usize::from(inputs)] as u32);
    let shifted = |x: i64| i128::from(shift_round(x, shift));
    let largest = values.iter().map(|&x| shifted(x)).max().unwrap_or(0);
    if relu {
        w.unsigned(largest.max(0), limbs)?;
        w.unsigned((-largest).max(0), limbs)?;
    } else {
        w.signed(largest, limbs)?;
    }
    for &x in values {
        w.unsigned(largest - shifted(x), limbs)?;
        w.unsigned(remainder(x, shift, shifted(x), rem, w.bits()), rem)?;
    }
    Ok(())
}
