//! Product of two values, shifted right with rounding.
//!
//! Cells: `a[operand_limbs[0]] c[operand_limbs[1]] y[limbs] r[R]` with `R = ceil(shift / b)`.
//! Operands `a`, `c`; result `y`. Constraint:
//! `2^(R b - shift) a c = 2^(R b) y + r - 2^(R b - 1)`.
//!
//! `r` lies in `[0, 2^(R b))` by its range check, so `y` is determined.
//!
//! Gate G-MUL of docs/soundness.md.

use super::{
    GadgetLayout, GadgetSpec, Plain, bits,
    layout::CellAllotter,
    rounding::{remainder, rescaled},
    writer::CellWriter,
};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::{ops::Mul, rounding::shift_round};

fn remainder_limbs(shift: u32, b: u32) -> u8 {
    shift.div_ceil(b) as u8
}

impl GadgetSpec for Mul {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let Mul {
            shift,
            limbs,
            operand_limbs,
        } = *self;
        let rem = remainder_limbs(shift, b);
        let mut cells = CellAllotter::new(b);
        let (a, c) = (cells.signed(operand_limbs[0]), cells.signed(operand_limbs[1]));
        let (y, r) = (cells.signed(limbs), cells.unsigned(rem));
        let scale = 1i64 << (u32::from(rem) * b - shift);
        let product = Constraint {
            name: "result is the rounded product".into(),
            products: vec![
                (scale, vec![a.clone(), c.clone()]),
                (-1, vec![rescaled(&y, &r, rem, b), LinForm::constant(1)]),
            ],
        };
        GadgetLayout {
            width: cells.width(),
            inputs: vec![a, c],
            input_halves: 0,
            outputs: vec![y],
            constraints: vec![product],
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let Mul {
            shift,
            limbs,
            operand_limbs,
        } = *self;
        let product = args[0]
            .checked_mul(args[1])
            .ok_or_else(|| w.misfit(i128::from(args[0]) * i128::from(args[1]), 63))?;
        let y = i128::from(shift_round(product, shift));
        let rem = remainder_limbs(shift, w.bits());
        w.signed(args[0].into(), operand_limbs[0])?;
        w.signed(args[1].into(), operand_limbs[1])?;
        w.signed(y, limbs)?;
        w.unsigned(remainder(product, shift, y, rem, w.bits()), rem)
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.limbs,
            signed: true,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.limbs, b) + self.shift.next_multiple_of(b)
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0, 0]
    }
}
