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
//!
//! Gate G-CLAMP of docs/soundness.md.

use super::{layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::{Constraint, LinForm};
use zkml_core::ops::{Clamp, Saturation};

/// Forms and constraints of a clamp.
pub(super) struct Clamped {
    /// The value before the clamp.
    pub value: LinForm,
    /// The result.
    pub result: LinForm,
    pub constraints: Vec<Constraint>,
}

/// Allots the cells. `exclusive` names the constraint of the rectifier.
pub(super) fn layout(clamp: &Clamp, cells: &mut CellAllotter, exclusive: &str) -> Clamped {
    let result = match clamp.relu {
        true => cells.unsigned(clamp.limbs),
        false => cells.signed(clamp.limbs),
    };
    let mut constraints = vec![];
    let Some(Saturation { below, above }) = clamp.saturation else {
        let mut value = result.clone();
        if clamp.relu {
            let negative = cells.unsigned(clamp.limbs);
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
    let (lo, hi) = clamp.results(cells.bits());
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
pub(super) fn fill(clamp: &Clamp, w: &mut CellWriter<'_>, value: i128) -> Result<(), Error> {
    let Some(Saturation { below, above }) = clamp.saturation else {
        if !clamp.relu {
            return w.signed(value, clamp.limbs);
        }
        w.unsigned(value.max(0), clamp.limbs)?;
        return w.unsigned((-value).max(0), clamp.limbs);
    };
    let (lo, hi) = clamp.results(w.bits());
    let (lo, hi) = (i128::from(lo), i128::from(hi));
    let result = value.clamp(lo, hi);
    match clamp.relu {
        true => w.unsigned(result, clamp.limbs)?,
        false => w.signed(result, clamp.limbs)?,
    }
    w.unsigned((value - hi).max(0), above)?;
    w.unsigned((lo - value).max(0), below)
}
