//! A value that is clamped to the range of its result: the part that rescaling and maxima share.
//!
//! Without saturation the cells are `y[limbs]`, the value itself, or with the rectifier `pos[limbs] neg[limbs]` for the
//! value `pos - neg` and the result `pos`, with the constraint `pos neg = 0`.
//!
//! With saturation they are `y[limbs] a[above] u[below]` for the value `v = y + a - u` and the result `y`. Constraints:
//! `a (hi - y) = 0` and `u (y - lo) = 0`, where `[lo, hi]` is exactly the range that the limbs of `y` can hold.
//!
//! By their range checks `a, u >= 0` and `lo <= y <= hi`. If `a > 0` then `y = hi`, so that `u = 0` and `v > hi`; if
//! `u > 0` then `y = lo`, so that `a = 0` and `v < lo`; otherwise `y = v`. So every `v` has one `y`, the value of the
//! range that is nearest, and one `a` and one `u`. Without limbs for `a` (or `u`), no larger (or smaller) `v` has cells.

use super::{CellAllotter, CellWriter};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::graph::Saturation;

/// The range of a result, and how far the value before the clamp may lie outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Clamp {
    pub limbs: u8,
    pub relu: bool,
    pub saturation: Option<Saturation>,
}

/// Forms and constraints of a clamp.
pub(super) struct Clamped {
    /// The value before the clamp.
    pub value: LinForm,
    /// The result.
    pub result: LinForm,
    pub constraints: Vec<Constraint>,
}

impl Clamp {
    /// A clamp that takes no value outside its range.
    pub fn none(limbs: u8, relu: bool) -> Self {
        Clamp {
            limbs,
            relu,
            saturation: None,
        }
    }

    /// Limbs that hold any value before the clamp, up to a factor of two.
    pub fn widest(&self) -> u8 {
        self.saturation.map_or(self.limbs, |Saturation { below, above }| {
            self.limbs.max(below).max(above)
        })
    }

    /// Bits of the value before the clamp.
    pub fn bits(&self, b: u32) -> u32 {
        u32::from(self.widest()) * b + u32::from(self.saturation.is_some())
    }

    /// Smallest and largest result.
    fn range(&self, b: u32) -> (i64, i64) {
        let bits = u32::from(self.limbs) * b;
        if self.relu {
            (0, (1 << bits) - 1)
        } else {
            (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        }
    }

    /// Allots the cells. `exclusive` names the constraint of the rectifier.
    pub(super) fn layout(&self, cells: &mut CellAllotter, exclusive: &str) -> Clamped {
        let result = match self.relu {
            true => cells.unsigned(self.limbs),
            false => cells.signed(self.limbs),
        };
        let mut constraints = vec![];
        let Some(Saturation { below, above }) = self.saturation else {
            let mut value = result.clone();
            if self.relu {
                let negative = cells.unsigned(self.limbs);
                let factors = vec![result.clone(), negative.clone()];
                constraints.push(Constraint::zero_product(exclusive, factors));
                value = value.minus(&negative);
            }
            return Clamped {
                value,
                result,
                constraints,
            };
        };
        let (lo, hi) = self.range(cells.b);
        let mut value = result.clone();
        if above > 0 {
            let excess = cells.unsigned(above);
            let room = result.clone().times(-1).plus_constant(hi);
            constraints.push(Constraint::zero_product(
                "a value above the range has the largest result",
                vec![excess.clone(), room],
            ));
            value = value.plus(&excess);
        }
        if below > 0 {
            let excess = cells.unsigned(below);
            let room = result.clone().plus_constant(-lo);
            constraints.push(Constraint::zero_product(
                "a value below the range has the smallest result",
                vec![excess.clone(), room],
            ));
            value = value.minus(&excess);
        }
        Clamped {
            value,
            result,
            constraints,
        }
    }

    /// Writes the cells of a value.
    ///
    /// # Errors
    /// [`Error::Witness`] for a value that the cells cannot hold.
    pub(super) fn fill(&self, w: &mut CellWriter<'_>, value: i128) -> Result<(), Error> {
        let Some(Saturation { below, above }) = self.saturation else {
            if !self.relu {
                return w.signed(value, self.limbs);
            }
            w.unsigned(value.max(0), self.limbs)?;
            return w.unsigned((-value).max(0), self.limbs);
        };
        let (lo, hi) = self.range(w.bits());
        let (lo, hi) = (i128::from(lo), i128::from(hi));
        let result = value.clamp(lo, hi);
        match self.relu {
            true => w.unsigned(result, self.limbs)?,
            false => w.signed(result, self.limbs)?,
        }
        w.unsigned((value - hi).max(0), above)?;
        w.unsigned((lo - value).max(0), below)
    }
}
