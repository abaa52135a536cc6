//! One element of an index of the first maximum.
//!
//! Cells: `c[limbs] s[1] f[1]`: `s` marks the element that is chosen, `f` is 1 before it and 0
//! from it on, and the element is `m - (c + f)` with `m` the maximum. Readable forms: `c + f`,
//! `s` and `f`. Constraints: `s` is 0 or 1, `s (c + f) = 0`.
//!
//! Claims say that the `s` of one axis add up to 1, that `f` is 1 less the `s` so far, and that
//! each operand is `m` less `c + f`. As `c >= 0` by its range check, every element before the
//! chosen one is less than `m`, every one after it at most `m`, and the chosen one equals `m`.

use super::{CellAllotter, CellWriter, UnitLayout};
use crate::Error;
use crate::form::Constraint;

pub(super) fn layout(b: u32, limbs: u8) -> UnitLayout {
    let mut cells = CellAllotter::new(b);
    let (c, s, f) = (cells.unsigned(limbs), cells.unsigned(1), cells.unsigned(1));
    let distance = c.plus(&f);
    let constraints = vec![
        Constraint::zero_product("marker is 0 or 1", vec![s.clone(), s.clone().plus_constant(-1)]),
        Constraint::zero_product("marked element is the maximum", vec![s.clone(), distance.clone()]),
    ];
    UnitLayout {
        width: cells.next,
        inputs: vec![],
        input_halves: 0,
        outputs: vec![distance, s, f],
        constraints,
        lookup: None,
    }
}

/// Arguments: the distance from the maximum, the marker, and whether the marker comes later.
pub(super) fn fill(w: &mut CellWriter<'_>, limbs: u8, args: &[i64]) -> Result<(), Error> {
    w.unsigned(i128::from(args[0]) - i128::from(args[2]), limbs)?;
    w.unsigned(args[1].into(), 1)?;
    w.unsigned(args[2].into(), 1)
}
