//! `y = |x|`.
//!
//! Cells: `p[limbs] n[limbs]`. Operand `x = p - n`; result `y = p + n`. Constraint: `p n = 0`.
//!
//! `p` and `n` are not negative by their range checks, so that one of them is `|x|` and the other one 0.
//!
//! Gate G-MAGNITUDE of docs/soundness.md.

use super::{GadgetLayout, GadgetSpec, Plain, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::Constraint;
use zkml_core::ops::Magnitude;

impl GadgetSpec for Magnitude {
    fn name(&self) -> &'static str {
        "magnitude"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let mut cells = CellAllotter::new(b);
        let (p, n) = (cells.unsigned(self.limbs), cells.unsigned(self.limbs));
        GadgetLayout {
            width: cells.width(),
            inputs: vec![p.clone().minus(&n)],
            input_halves: 0,
            outputs: vec![p.clone().plus(&n)],
            constraints: vec![Constraint::zero_product(
                "a value is not positive and negative",
                vec![p, n],
            )],
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let x = i128::from(args[0]);
        w.unsigned(x.max(0), self.limbs)?;
        w.unsigned((-x).max(0), self.limbs)
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.limbs,
            signed: false,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.limbs, b) + 1
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0]
    }
}
