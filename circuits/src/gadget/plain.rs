//! A number and nothing else: inputs, parameters, copies.
//!
//! Cells: `x[limbs]`. Operand and result: `x`, in `[0, 2^(L b))`, or `[-2^(L b - 1), 2^(L b - 1))`
//! if signed, by the range check of its cells.

use super::{GadgetLayout, GadgetSpec, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;

/// A number in whole limbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Plain {
    pub limbs: u8,
    pub signed: bool,
}

impl GadgetSpec for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let Plain { limbs, signed } = *self;
        let mut cells = CellAllotter::new(b);
        let x = if signed {
            cells.signed(limbs)
        } else {
            cells.unsigned(limbs)
        };
        GadgetLayout {
            width: cells.width(),
            inputs: vec![x.clone()],
            input_halves: 0,
            outputs: vec![x],
            constraints: vec![],
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let Plain { limbs, signed } = *self;
        let x = i128::from(args[0]);
        if signed {
            w.signed(x, limbs)
        } else {
            w.unsigned(x, limbs)
        }
    }

    fn result(&self) -> Plain {
        *self
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.limbs, b)
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0]
    }
}
