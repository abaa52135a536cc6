//! Maximum of up to four shifted values, and optionally the rectifier or a clamp.
//!
//! Cells: those of the clamp ([`super::clamp`]) for the maximum `M`, then `d_i[distance] r_i[remainder]` for each
//! operand. Operand `i` shifted is `a_i = M - d_i`, and `x_i 2^(R b - shift) = 2^(R b) a_i + r_i - 2^(R b - 1)`;
//! result: that of the clamp. Constraint: `prod_i d_i = 0`.
//!
//! By their range checks `d_i >= 0`, so `M` is no less than any operand, and the product says that it equals one of
//! them; the clamp makes one result of each `M`.
//!
//! Gate G-MAX of docs/soundness.md.

use super::{
    GadgetLayout, GadgetSpec, Plain, bits, clamp,
    layout::CellAllotter,
    rounding::{remainder, rescaled},
    writer::CellWriter,
};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::{ops::Clamp, rounding::shift_round};

/// Most operands of one gadget: the product of their distances has degree 5 with its selector.
pub(crate) const MAX_FAN_IN: usize = 4;

/// The maximum of a few shifted values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MaxOfSet {
    /// Number of operands.
    pub inputs: u8,
    pub clamp: Clamp,
    /// Limbs of the distances of the operands from the maximum.
    pub distance: u8,
    /// Limbs of the remainders.
    pub remainder: u8,
}

impl GadgetSpec for MaxOfSet {
    fn name(&self) -> &'static str {
        "max"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let mut cells = CellAllotter::new(b);
        let clamped = clamp::layout(&self.clamp, &mut cells, "rectified maximum is 0 or the maximum");
        let mut constraints = clamped.constraints;
        let (mut forms, mut distances): (Vec<LinForm>, Vec<LinForm>) = (vec![], vec![]);
        for _ in 0..self.inputs {
            let (d, r) = (cells.unsigned(self.distance), cells.unsigned(self.remainder));
            let operand = clamped.value.clone().minus(&d);
            forms.push(rescaled(&operand, &r, self.remainder, b));
            distances.push(d);
        }
        constraints.push(Constraint::zero_product(
            "maximum is one of the operands",
            distances,
        ));
        GadgetLayout {
            width: cells.width(),
            inputs: forms,
            input_halves: 0,
            outputs: vec![clamped.result],
            constraints,
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        // The values, then the shift.
        let inputs = usize::from(self.inputs);
        let (values, shift) = (&args[..inputs], args[inputs] as u32);
        let shifted = |x: i64| i128::from(shift_round(x, shift));
        let largest = values.iter().map(|&x| shifted(x)).max().unwrap_or(0);
        clamp::fill(&self.clamp, w, largest)?;
        for &x in values {
            w.unsigned(largest - shifted(x), self.distance)?;
            let rest = remainder(x, shift, shifted(x), self.remainder, w.bits());
            w.unsigned(rest, self.remainder)?;
        }
        Ok(())
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.clamp.limbs,
            signed: !self.clamp.relu,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        // Without saturation both parts lie in the range of an operand.
        let difference = u32::from(self.clamp.saturation.is_some());
        self.clamp.bits(b).max(bits(self.distance, b)) + difference + bits(self.remainder, b)
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0; usize::from(self.inputs) + 1]
    }
}
