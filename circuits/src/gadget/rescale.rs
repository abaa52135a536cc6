//! Right shift with rounding, and optionally the rectifier or a clamp.
//!
//! Cells: those of the clamp ([`super::clamp`]) for the value `v`, then `r[remainder]`.
//! Operand: `x 2^(R b - shift) = 2^(R b) v + r - 2^(R b - 1)`; result: that of the clamp.
//!
//! `r` lies in `[0, 2^(R b))` by its range check, so `v` is `x 2^-shift` rounded half up; the clamp makes one result of
//! each `v`.
//!
//! Gate G-RESCALE of docs/soundness.md.

use super::{
    GadgetLayout, GadgetSpec, Plain, bits, clamp,
    layout::CellAllotter,
    rounding::{remainder, rescaled},
    writer::CellWriter,
};
use crate::Error;
use zkml_core::{ops::Clamp, rounding::shift_round};

/// A right shift with rounding, without the shift: operands are scaled so that all shifts of as many limbs are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RescaleTo {
    pub clamp: Clamp,
    /// Limbs of the remainder.
    pub remainder: u8,
}

impl GadgetSpec for RescaleTo {
    fn name(&self) -> &'static str {
        "rescale"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let RescaleTo {
            clamp,
            remainder: rem,
        } = *self;
        let mut cells = CellAllotter::new(b);
        let clamped = clamp::layout(
            &clamp,
            &mut cells,
            "positive and negative part exclude each other",
        );
        let r = cells.unsigned(rem);
        GadgetLayout {
            width: cells.width(),
            inputs: vec![rescaled(&clamped.value, &r, rem, b)],
            input_halves: 0,
            outputs: vec![clamped.result],
            constraints: clamped.constraints,
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        // The value and its shift.
        let RescaleTo {
            clamp,
            remainder: rem,
        } = *self;
        let (x, shift) = (args[0], args[1] as u32);
        let value = i128::from(shift_round(x, shift));
        clamp::fill(&clamp, w, value)?;
        w.unsigned(remainder(x, shift, value, rem, w.bits()), rem)
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.clamp.limbs,
            signed: !self.clamp.relu,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        self.clamp.bits(b) + bits(self.remainder, b)
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0, 0]
    }
}
