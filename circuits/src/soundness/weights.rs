//! Committed parameters: their rows hold the parameters and nothing else.

use super::common::samples::named;
use super::{CONSTRAINT_SUM, Forgery, GadgetAt};
use crate::CompiledCircuit;
use std::collections::HashSet;

const SAMPLES: [&str; 2] = ["committed", "committed_convolution"];

/// The first gadget of the `nth` region of parameters.
pub(super) fn gadget(f: &Forgery, nth: usize) -> GadgetAt {
    let regions = f.lowered.regions.iter().enumerate();
    let (region, _) = regions
        .filter(|(_, b)| b.params)
        .nth(nth)
        .expect("a block of parameters");
    GadgetAt { region, index: 0 }
}

fn weight_rows(f: &Forgery) -> HashSet<usize> {
    let ranges = f.circuit.program.weight_rows.iter();
    ranges
        .flat_map(|&(first, rows)| first as usize..(first + rows) as usize)
        .collect()
}

/// On the marked rows a witness has what a model commitment is to, whatever the input.
#[test]
fn witness_and_commitment_agree_on_the_marked_rows() {
    for name in SAMPLES {
        let mut sample = named(name);
        let b = &sample.builder;
        let compiled =
            CompiledCircuit::with_lanes(&b.graph, Some(&b.params), &sample.options, super::LANES).unwrap();
        let columns = compiled.weights(&b.graph, &b.params).unwrap();
        let marked = weight_rows(&Forgery::new(&sample));
        for _ in 0..2 {
            let circuit = sample.builder.fill(&compiled, &sample.inputs);
            let lanes = &circuit.witness.as_ref().unwrap().lanes;
            assert_eq!(lanes.len(), columns.len());
            for (lane, column) in lanes.iter().zip(&columns) {
                for (row, (a, b)) in lane.iter().zip(column).enumerate() {
                    assert_eq!(
                        *b,
                        if marked.contains(&row) { *a } else { 0 },
                        "{name}: row {row}"
                    );
                }
            }
            sample.inputs.iter_mut().flatten().for_each(|x| *x = -*x);
        }
    }
}

#[test]
fn every_parameter_stands_on_marked_rows_alone() {
    for name in SAMPLES {
        let f = Forgery::of(name);
        let marked = weight_rows(&f);
        let mut parameters = 0;
        for b in &f.lowered.regions {
            let rows = b.first_row as usize..(b.first_row + b.rows()) as usize;
            for row in rows {
                assert_eq!(marked.contains(&row), b.params, "{name}: row {row}");
            }
            parameters += if b.params { b.count as usize } else { 0 };
        }
        let specs = &named(name).builder.graph.params;
        assert_eq!(parameters, specs.iter().map(|p| p.len()).sum::<usize>(), "{name}");
        // Blinding rows are not marked: there the columns differ.
        assert!(marked.iter().all(|row| *row < f.circuit.shape.active_rows()));
    }
}

#[test]
fn only_committed_parameters_are_marked() {
    for sample in super::common::samples::all() {
        let f = Forgery::new(&sample);
        let committed = sample.options.params == crate::ParamVisibility::Committed;
        assert_eq!(f.circuit.shape.committed, committed, "{}", sample.name);
        assert_eq!(weight_rows(&f).is_empty(), !committed, "{}", sample.name);
    }
}

#[test]
fn parameters_do_not_change() {
    for (name, region) in SAMPLES.into_iter().flat_map(|name| [(name, 0), (name, 1)]) {
        let mut f = Forgery::of(name);
        let u = gadget(&f, region);
        let by = if f.cells(u)[0] < 31 { 1 } else { -1 };
        f.add(u, &[(0, by)]);
        f.rejected_by(&[CONSTRAINT_SUM]);
    }
}

/// The columns of the lanes are where the shape says, folded or not, and nothing else is in them.
#[test]
fn lanes_have_columns_of_their_own() {
    use crate::config::Config;
    use halo2_proofs::plonk::ConstraintSystem;
    for name in SAMPLES {
        for fold in 1..5 {
            let l = super::lowered(&named(name));
            let shape = l.shape.folded(fold, l.rows);
            let config = Config::new(&mut ConstraintSystem::default(), shape.clone());
            let columns = shape.weight_columns();
            let lanes: HashSet<usize> = config.lanes.iter().map(|c| c.column.index()).collect();
            assert_eq!(lanes, columns.clone().collect());
            for other in [config.copy, config.multiplicity] {
                assert!(other.column.index() < columns.start, "{name}, folded {fold}");
            }
            let zero = vec![vec![0; 3]; config.lanes.len()];
            assert_eq!(crate::columns::lanes(&shape, &zero).len(), columns.len());
        }
    }
}
