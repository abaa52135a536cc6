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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assurance::rank::{Variable, jacobian, rank};
    use crate::config::field;
    use crate::form::CellRef;
    use crate::lower::{Lowered, lower};
    use crate::regions::Region;
    use crate::soundness::common::Builder;
    use crate::{CircuitOptions, CompiledCircuit, Visibility};
    use ff::Field;
    use halo2_proofs::halo2curves::bn256::Fr;
    use std::collections::HashMap;
    use zkml_core::ops::ArgMax;

    const LENGTH: u16 = 4;

    /// The first region of a kind of gadget.
    fn region<'a>(lowered: &'a Lowered, kind: &Gadget, nth: usize) -> &'a Region {
        let of_kind = lowered.regions.iter().filter(|b| b.kind == *kind);
        of_kind.collect::<Vec<_>>()[nth]
    }

    /// The cells of a gadget of a region.
    fn cells(region: &Region, index: u32) -> Vec<Variable> {
        let (row, slot) = region.place(index);
        let lane = |cell| CellRef::Lane(region.lane(slot, usize::from(cell)) as u16);
        (0..region.layout.width)
            .map(|cell| Variable::Cell(lane(cell), row))
            .collect()
    }

    /// What a circuit states of a group spans the same equations as the layout of the group has. Derivatives leave constants
    /// out; those of the layout make honest witnesses satisfy it, as the circuit's do.
    #[test]
    fn groups_have_the_equations_of_circuits() {
        let mut b = Builder::new(5);
        let x = b.input(1, &[1, usize::from(LENGTH)]);
        let y = b.node(ArgMax { axis: 1, limbs: 2 }.into(), &[x], &[1, 1]);
        b.output(y);
        let options = CircuitOptions {
            outputs: Visibility::Private,
            ..CircuitOptions::default()
        };
        let lowered = lower(&b.graph, Some(&b.params), &options, 24).unwrap();
        let circuit = b.fill(&CompiledCircuit::from(lowered.clone()), &[vec![-3, 9, 9, 0]]);
        let witness = circuit.witness.expect("a witness");
        let (variables, stated) = jacobian(&lowered.shape, &lowered.program, &witness, 30);

        let element = ArgMaxElement { limbs: 2 };
        let (value, position) = (
            Plain {
                limbs: 1,
                signed: true,
            },
            Plain {
                limbs: 1,
                signed: false,
            },
        );
        let layout = group(element, 5, value, LENGTH, None);
        let marks = region(&lowered, &element.into(), 0);
        let mut places: Vec<Variable> = (0..LENGTH).flat_map(|i| cells(marks, i.into())).collect();
        // Elements and the largest one are numbers of the same width: the elements come first.
        places.extend(cells(region(&lowered, &value.into(), 1), 0));
        places.extend(cells(region(&lowered, &position.into(), 0), 0));
        let elements = region(&lowered, &value.into(), 0);

        let row = |form: &LinForm, element: Option<u32>| -> Vec<Fr> {
            let mut by: HashMap<Variable, Fr> = HashMap::new();
            for &(cell, c) in &form.terms {
                let CellRef::Lane(lane) = cell else { continue };
                *by.entry(places[usize::from(lane)]).or_insert(Fr::ZERO) += field(c);
            }
            if let Some(index) = element {
                by.insert(cells(elements, index)[0], -Fr::ONE);
            }
            variables
                .iter()
                .map(|v| by.get(v).copied().unwrap_or(Fr::ZERO))
                .collect()
        };
        let linear = layout.constraints.iter().filter(|c| c.products[0].1.len() == 1);
        let mut equations: Vec<Vec<Fr>> = linear.map(|c| row(&c.products[0].1[0], None)).collect();
        equations.extend((0..).zip(&layout.inputs).map(|(i, form)| row(form, Some(i))));
        assert_eq!(equations.len(), 2 * usize::from(LENGTH) + 2);
        assert_eq!(rank(equations.clone()), equations.len());
        assert_eq!(rank(stated.clone()), equations.len());
        let all = [stated, equations.clone()].concat();
        assert_eq!(
            rank(all),
            equations.len(),
            "the layout and the circuit state the same"
        );
    }
}
