//! `y = min(max(x, lo), hi)`.
//!
//! Cells: `p[limbs] n[limbs] p2[limbs] n2[limbs]`. Operand `x = lo + p - n`; result
//! `y = hi - p2`. Constraints: `p n = 0`, `p + p2 - n2 = hi - lo`, `p2 n2 = 0`.
//!
//! All four are not negative by their range checks: `p` is the positive part of `x - lo`, and
//! `p2` that of `(hi - lo) - p`.
//!
//! Gate G-CLIP of docs/soundness.md.

use super::{GadgetLayout, GadgetSpec, Plain, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::Constraint;
use zkml_core::ops::Clip;

impl GadgetSpec for Clip {
    fn name(&self) -> &'static str {
        "clip"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let Clip { lo, hi, limbs } = *self;
        let mut cells = CellAllotter::new(b);
        let [p, n, p2, n2] = std::array::from_fn(|_| cells.unsigned(limbs));
        let constraints = vec![
            Constraint::zero_product(
                "parts above and below the lower bound exclude each other",
                vec![p.clone(), n.clone()],
            ),
            Constraint::zero(
                "distance to the upper bound",
                p.clone().plus(&p2).minus(&n2).plus_constant(lo - hi),
            ),
            Constraint::zero_product(
                "parts below and above the upper bound exclude each other",
                vec![p2.clone(), n2.clone()],
            ),
        ];
        GadgetLayout {
            width: cells.width(),
            inputs: vec![p.minus(&n).plus_constant(lo)],
            input_halves: 0,
            outputs: vec![p2.times(-1).plus_constant(hi)],
            constraints,
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let Clip { lo, hi, limbs } = *self;
        let (x, lo, hi) = (i128::from(args[0]), i128::from(lo), i128::from(hi));
        let p = (x - lo).max(0);
        w.unsigned(p, limbs)?;
        w.unsigned((lo - x).max(0), limbs)?;
        let room = hi - lo - p;
        w.unsigned(room.max(0), limbs)?;
        w.unsigned((-room).max(0), limbs)
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.limbs,
            signed: true,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.limbs, b) + 1
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![self.lo]
    }
}
