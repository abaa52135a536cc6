//! Quotient of two values with rounding: `y = floor((2 n 2^shift + d) / (2 d))`.
//!
//! Cells: `n[operand_limbs[0]] d[operand_limbs[1]] y[limbs] r[D + 1] r'[D + 1]` with
//! `D = operand_limbs[1]`, all unsigned. Operands `n`, `d`; result `y`. Constraints:
//! `2^(shift + 1) n + d = 2 d y + r` and `r + r' + 1 = 2 d`.
//!
//! `r` and `r'` are not negative by their range checks, so `0 <= r < 2 d`: `y` is determined, and
//! `d` is not 0.
//!
//! Gate G-DIV of docs/soundness.md.

use super::{GadgetLayout, GadgetSpec, Plain, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::ops::Div;

impl GadgetSpec for Div {
    fn name(&self) -> &'static str {
        "div"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let Div {
            shift,
            limbs,
            operand_limbs,
        } = *self;
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
        GadgetLayout {
            width: cells.width(),
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

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let Div {
            shift,
            limbs,
            operand_limbs,
        } = *self;
        let (n, d) = (i128::from(args[0]), i128::from(args[1]));
        if d < 1 {
            return Err(w.misfit(d, w.bits()));
        }
        let x = (n << (shift + 1)) + d;
        let (y, r) = (x.div_euclid(2 * d), x.rem_euclid(2 * d));
        w.unsigned(n, operand_limbs[0])?;
        w.unsigned(d, operand_limbs[1])?;
        w.unsigned(y, limbs)?;
        w.unsigned(r, operand_limbs[1] + 1)?;
        w.unsigned(2 * d - 1 - r, operand_limbs[1] + 1)
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.limbs,
            signed: false,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.operand_limbs[0], b) + self.shift + 1
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0, 1]
    }
}
