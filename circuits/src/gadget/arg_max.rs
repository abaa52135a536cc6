//! One element of an index of the first maximum.
//!
//! Cells: `c[limbs] s[1] f[1]`: `s` marks the element that is chosen, `f` is 1 before it and 0
//! from it on, and the element is `m - (c + f)` with `m` the maximum. Readable forms: `c + f`,
//! `s` and `f`. Constraints: `s` is 0 or 1, `s (c + f) = 0`.
//!
//! Linear constraints say that the `s` of one axis add up to 1, that `f` is 1 less the `s` so far, and that
//! each operand is `m` less `c + f`. As `c >= 0` by its range check, every element before the
//! chosen one is less than `m`, every one after it at most `m`, and the chosen one equals `m`.
//!
//! Gate G-ARG-MAX of docs/soundness.md.

use super::{GadgetLayout, GadgetSpec, Plain, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::Constraint;

/// One element of an index of the first maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ArgMaxElement {
    /// Limbs of the distance from the maximum.
    pub limbs: u8,
}

impl GadgetSpec for ArgMaxElement {
    fn name(&self) -> &'static str {
        "arg_max"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let ArgMaxElement { limbs } = *self;
        let mut cells = CellAllotter::new(b);
        let (c, s, f) = (cells.unsigned(limbs), cells.unsigned(1), cells.unsigned(1));
        let distance = c.plus(&f);
        let constraints = vec![
            Constraint::zero_product("marker is 0 or 1", vec![s.clone(), s.clone().plus_constant(-1)]),
            Constraint::zero_product("marked element is the maximum", vec![s.clone(), distance.clone()]),
        ];
        GadgetLayout {
            width: cells.width(),
            inputs: vec![],
            input_halves: 0,
            outputs: vec![distance, s, f],
            constraints,
            lookup: None,
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        // The distance from the maximum, the marker, and whether the marker comes later.
        let ArgMaxElement { limbs } = *self;
        w.unsigned(i128::from(args[0]) - i128::from(args[2]), limbs)?;
        w.unsigned(args[1].into(), 1)?;
        w.unsigned(args[2].into(), 1)
    }

    fn result(&self) -> Plain {
        // The distance and the marker before it.
        Plain {
            limbs: self.limbs + 1,
            signed: false,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.limbs, b)
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![0, 0, 0]
    }
}
