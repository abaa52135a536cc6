//! What holds of every compiled circuit: no two things share a cell.

use super::common::samples::all;
use super::{ColumnKind, lowered};
use crate::gadget::{Gadget, GadgetType, Plain};
use crate::lower::Lowered;
use crate::regions::{ArgSource, Aux};
use crate::scalar::Scalar;
use crate::witness::challenge_region_rows;
use std::collections::{HashMap, HashSet};

/// Adds to a set what must be new to it.
fn fresh<T: Eq + std::hash::Hash + std::fmt::Debug>(
    set: &mut HashSet<T>,
    items: impl IntoIterator<Item = T>,
) {
    for item in items {
        let text = format!("{item:?}");
        assert!(set.insert(item), "{text} is used twice");
    }
}

pub(super) fn audit(l: &Lowered) {
    let (program, shape) = (&l.program, &l.shape);
    let active = shape.active_rows() as u32;
    // Rows of regions are disjoint in each column kind, and hold no public values.
    for column_kind in [ColumnKind::Lanes, ColumnKind::Fixed] {
        let mut rows = HashSet::new();
        for b in l.regions.iter().filter(|b| b.column_kind == column_kind) {
            fresh(&mut rows, b.first_row..b.first_row + b.rows());
        }
    }
    // A coefficient column's two cells on a row belong to one use, running evaluation step or challenge region row.
    let mut coefficient_columns: HashSet<(usize, u32)> = HashSet::new();
    for (coefficient_column, uses) in program.coefficient_columns.iter().enumerate() {
        fresh(
            &mut coefficient_columns,
            uses.iter().map(|u| (coefficient_column, u.row)),
        );
    }
    let steps = || program.evaluations.iter().flat_map(|r| &r.steps);
    fresh(&mut coefficient_columns, steps().map(|s| (0, s.row)));
    fresh(
        &mut coefficient_columns,
        challenge_region_rows(program).flat_map(|(row, _)| [(0, row), (1, row)]),
    );
    assert!(
        coefficient_columns.iter().all(|p| p.1 < active),
        "all scalars stand on active rows"
    );
    // The steps of a running evaluation are consecutive rows: the gate reads the row before.
    for horner in &program.evaluations {
        assert!(!horner.steps.is_empty());
        assert!(horner.steps.windows(2).all(|w| w[0].row + 1 == w[1].row));
    }
    // Every copy cell has a row of its own and stands in one linear constraint.
    fresh(&mut HashSet::new(), program.copy_rows.iter().copied());
    let is_copy = |p: &crate::form::Pattern| {
        p.terms
            .iter()
            .any(|(_, f)| f.terms.iter().any(|t| t.0 == crate::form::CellRef::Copied))
    };
    let mut bound: HashMap<u32, usize> = HashMap::new();
    for (uses, patterns) in program.coefficient_columns.iter().zip(&shape.coefficient_columns) {
        for u in uses.iter().filter(|u| is_copy(&patterns[usize::from(u.pattern)])) {
            *bound.entry(u.row).or_default() += 1;
        }
    }
    assert!(
        program.copy_rows.iter().all(|row| bound.get(row) == Some(&1)),
        "copy cells are bound once"
    );
    // Every row with a gadget that has constraints has its gate, and lookups have one row each.
    let gated: HashSet<u32> = program
        .gates
        .iter()
        .flat_map(|g| g.first..g.first + g.rows)
        .collect();
    let mut lookups = HashSet::new();
    fresh(
        &mut lookups,
        program
            .table_rows
            .iter()
            .flat_map(|&(_, first, rows)| first..first + rows),
    );
    for b in l.regions.iter().filter(|b| b.column_kind == ColumnKind::Lanes) {
        for row in b.first_row..b.first_row + b.rows() {
            assert!(b.layout.constraints.is_empty() || gated.contains(&row));
            assert!(b.layout.lookup.is_none() || lookups.contains(&row));
        }
    }
    // Operands of the challenge region come before their results.
    for (i, s) in program.scalars.iter().enumerate() {
        if let Scalar::Mac(a, b, c) = s {
            assert!([a, b, c].iter().all(|id| (id.0 as usize) < i));
        }
    }
}

#[test]
fn no_two_things_share_a_cell() {
    for sample in all() {
        audit(&lowered(&sample));
    }
}

#[test]
fn samples_have_every_gadget() {
    let sampled: HashSet<GadgetType> = all()
        .iter()
        .flat_map(|sample| lowered(sample).regions.into_iter().map(|b| b.kind.gadget_type()))
        .collect();
    for gadget in GadgetType::ALL {
        assert!(
            sampled.contains(gadget),
            "expected a sample in circuits/tests/common/samples.rs with the gadget {gadget:?}, found none"
        );
    }
}

#[test]
fn cells_that_hold_a_node_hold_every_value_that_it_can_have() {
    let mut held = 0;
    for sample in all() {
        let (l, graph) = (lowered(&sample), &sample.builder.graph);
        let bounds = zkml_core::bounds::bounds(graph).unwrap();
        for region in &l.regions {
            let Gadget::Plain(Plain { limbs, signed }) = region.kind else {
                continue;
            };
            let node = match &region.args[..] {
                [ArgSource::Node(node) | ArgSource::NodeMap(node, _)] => *node,
                [ArgSource::Aux(aux)] => match &l.aux[*aux as usize] {
                    Aux::Largest { node, .. } => *node,
                    _ => continue,
                },
                _ => continue,
            };
            let (least, most) = match signed {
                true => graph.signed_range(limbs),
                false => graph.unsigned_range(limbs),
            };
            let (lo, hi) = bounds[node as usize];
            assert!(least <= lo && hi <= most, "{}: node {node}", sample.name);
            held += 1;
        }
    }
    assert!(held > 20, "{held}");
}
