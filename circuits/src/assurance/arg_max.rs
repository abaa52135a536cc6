//! A group of an index of the first maximum as one layout: its elements, the largest one and the index, with the equations
//! that the linear constraints of the operation state.

use super::planted::{Planted, layout};
use crate::form::{Constraint, LinForm};
use crate::gadget::{ArgMaxElement, Gadget, GadgetLayout, Plain};

/// The layout of a group of so many elements. Operands are the elements, the result is the index.
pub(super) fn group(
    element: ArgMaxElement,
    b: u32,
    largest: Plain,
    length: u16,
    planted: Option<Planted>,
) -> GadgetLayout {
    let element = layout(&Gadget::from(element), b, planted);
    let plain = |plain: Plain, at: u16| Gadget::from(plain).layout(b).outputs[0].shifted(at);
    let index = Plain {
        limbs: (u16::BITS - length.leading_zeros()).div_ceil(b) as u8,
        signed: false,
    };
    let end = length * element.width;
    let largest_form = plain(largest, end);
    let index_form = plain(index, end + u16::from(largest.limbs));
    let (mut constraints, mut inputs): (Vec<Constraint>, Vec<LinForm>) = (vec![], vec![]);
    let mut before = LinForm::constant(1);
    let mut position = LinForm::default();
    for i in 0..length {
        let of = |form: &LinForm| form.shifted(i * element.width);
        let [distance, marker, left] = [0, 1, 2].map(|role| of(&element.outputs[role]));
        constraints.extend(element.constraints.iter().map(|c| c.shifted(i * element.width)));
        let step = left.clone().plus(&marker).minus(&before);
        constraints.push(Constraint::zero("flag is the one before less the marker", step));
        inputs.push(largest_form.clone().minus(&distance));
        position = position.plus(&marker.times(i.into()));
        before = left;
    }
    constraints.push(Constraint::zero("no flag is left after the last element", before));
    constraints.push(Constraint::zero(
        "index is the position of the marker",
        position.minus(&index_form),
    ));
    GadgetLayout {
        width: end + u16::from(largest.limbs + index.limbs),
        inputs,
        input_halves: 0,
        outputs: vec![index_form],
        constraints,
        lookup: None,
    }
}
