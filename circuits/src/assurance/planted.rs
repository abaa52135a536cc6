//! Errors that are planted to show that a check sees them.

use crate::gadget::{Gadget, GadgetLayout};

/// An error that is planted to show that a check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Divisions lack the constraint that bounds their remainder.
    DroppedBound,
    /// The largest coefficient of a gadget's operand is one less.
    ChangedCoefficient,
    /// Two linear constraints have the same weights.
    EqualWeights,
}

/// The layout of a gadget in lanes of `b` bits, with an error of its own if one is planted.
pub(super) fn layout(gadget: &Gadget, b: u32, planted: Option<Planted>) -> GadgetLayout {
    let mut layout = gadget.layout(b);
    match planted {
        Some(Planted::DroppedBound) => {
            layout
                .constraints
                .retain(|c| !c.name.starts_with("remainder is less than"));
        }
        Some(Planted::ChangedCoefficient) => {
            let terms = layout.inputs.first_mut().map(|form| &mut form.terms);
            let largest = terms.and_then(|terms| terms.iter_mut().max_by_key(|t| t.1));
            if let Some((_, coefficient)) = largest {
                *coefficient -= 1;
            }
        }
        Some(Planted::EqualWeights) | None => {}
    }
    layout
}
