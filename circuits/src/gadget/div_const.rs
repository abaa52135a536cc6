//! Division by a constant `d` with rounding: `y = floor((2 x + d) / (2 d))`.
//!
//! Cells: `y[limbs] r[R] r'[R]` with `R` limbs for `2 d - 1`. Operand: `2 x = 2 d y + r - d`;
//! result `y`. Constraint: `r + r' = 2 d - 1`.
//!
//! `r` and `r'` are not negative by their range checks, so `0 <= r < 2 d` and `y` is determined.
//!
//! Gate G-DIV-CONST of docs/soundness.md.

use super::{GadgetLayout, GadgetSpec, Plain, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::Constraint;
use zkml_core::rounding::div_round;

/// Division of an element by a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DivByConstant {
    pub divisor: u32,
    pub limbs: u8,
}

fn remainder_limbs(divisor: u32, b: u32) -> u8 {
    (u64::BITS - (2 * u64::from(divisor) - 1).leading_zeros()).div_ceil(b) as u8
}

impl GadgetSpec for DivByConstant {
    fn name(&self) -> &'static str {
        "div_const"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let DivByConstant { divisor, limbs } = *self;
        let (rem, d) = (remainder_limbs(divisor, b), i64::from(divisor));
        let mut cells = CellAllotter::new(b);
        let (y, r, room) = (cells.signed(limbs), cells.unsigned(rem), cells.unsigned(rem));
        let bound = r.clone().plus(&room).plus_constant(1 - 2 * d);
        GadgetLayout {
            width: cells.width(),
            inputs: vec![y.clone().times(2 * d).plus(&r).plus_constant(-d)],
            input_halves: 1,
            outputs: vec![y],
            constraints: vec![Constraint::zero(
                "remainder is less than twice the divisor",
                bound,
            )],
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let DivByConstant { divisor, limbs } = *self;
        let (x, d) = (i128::from(args[0]), i128::from(divisor));
        let y = i128::from(div_round(args[0], i64::from(divisor)));
        let r = 2 * x + d - 2 * d * y;
        let rem = remainder_limbs(divisor, w.bits());
        w.signed(y, limbs)?;
        w.unsigned(r, rem)?;
        w.unsigned(2 * d - 1 - r, rem)
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.limbs,
            signed: true,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.limbs, b) + 1 + u32::BITS - self.divisor.leading_zeros()
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0]
    }
}
