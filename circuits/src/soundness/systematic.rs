//! Every cell matters: no cell of any gadget can change alone. (Cells of idle slots and of unused rows are
//! free; nothing reads them.)

use super::common::samples::all;
use super::{ColumnKind, Forgery, GadgetAt};
use halo2_proofs::halo2curves::bn256::Fr;

/// Most cells of a region that are tried.
const CELLS: usize = 36;

#[test]
fn honest_witnesses_are_accepted() {
    for sample in all() {
        assert!(Forgery::new(&sample).failures().is_empty(), "{}", sample.name);
    }
}

#[test]
fn no_lane_cell_is_free() {
    for sample in all() {
        let honest = Forgery::new(&sample);
        let values = 1u32 << honest.circuit.shape.lane_bits;
        for (region, b) in honest
            .lowered
            .regions
            .iter()
            .enumerate()
            .filter(|(_, b)| b.column_kind == ColumnKind::Lanes)
        {
            let width = usize::from(b.layout.width);
            let cells = b.count as usize * width;
            for i in (0..cells).step_by(cells.div_ceil(CELLS)) {
                let gadget = GadgetAt {
                    region,
                    index: (i / width) as u32,
                };
                let (lane, row) = honest.place(gadget, i % width);
                let mut forged = honest.clone();
                let cell = &mut forged.witness().lanes[lane][row];
                *cell = (*cell + 1 + (7 * i as u32) % (values - 1)) % values;
                forged.recount();
                let name = b.kind.name();
                assert!(
                    !forged.failures().is_empty(),
                    "{}: cell {i} of a region of kind {name}",
                    sample.name
                );
            }
        }
    }
}

#[test]
fn no_copy_cell_is_free() {
    for sample in all() {
        let honest = Forgery::new(&sample);
        for j in 0..honest.circuit.program.copy_rows.len() {
            let mut forged = honest.clone();
            forged.witness().copied[j] += 1;
            assert!(!forged.failures().is_empty(), "{}: copy cell {j}", sample.name);
        }
    }
}

#[test]
fn no_multiplicity_is_free() {
    let honest = Forgery::of("functions");
    for value in 0..honest.circuit.witness.as_ref().unwrap().multiplicity.len() {
        let mut forged = honest.clone();
        forged.witness().multiplicity[value] += 1;
        forged.rejected_by(&[super::CONSTRAINT_SUM]);
    }
    for row in 0..honest
        .circuit
        .witness
        .as_ref()
        .unwrap()
        .function_multiplicity
        .len()
    {
        let mut forged = honest.clone();
        forged.witness().function_multiplicity[row] += 1;
        forged.rejected_by(&[super::CONSTRAINT_SUM]);
    }
}

#[test]
fn no_public_value_is_free() {
    for sample in all() {
        let honest = Forgery::new(&sample);
        let lengths = honest.circuit.shape.instance_lengths();
        // The context is bound by the transcript alone: `real` has the test.
        let claimed = usize::from(honest.circuit.shape.instance_columns);
        for (column, row) in lengths
            .iter()
            .take(claimed)
            .enumerate()
            .flat_map(|(c, &n)| (0..n).map(move |r| (c, r)))
        {
            let mut forged = honest.clone();
            forged.witness().instances[column][row] += Fr::one();
            forged.rejected_by(&[super::CONSTRAINT_SUM]);
        }
    }
}
