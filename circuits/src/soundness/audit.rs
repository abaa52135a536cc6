//! What holds of every compiled circuit: no two things share a cell.

use super::common::samples::all;
use super::{Bank, lowered};
use crate::arena::{ArgSource, Aux};
use crate::gadget::{Gadget, Plain};
use crate::lower::Lowered;
use crate::scalar::Scalar;
use crate::witness::strip_rows;
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
    // Rows of blocks are disjoint in each bank, and hold no public values.
    for bank in [Bank::Lanes, Bank::Fixed] {
        let mut rows = HashSet::new();
        for b in l.blocks.iter().filter(|b| b.bank == bank) {
            fresh(&mut rows, b.first_row..b.first_row + b.rows());
        }
    }
    // A port's two cells on a row belong to one use, run step or strip row.
    let mut ports: HashSet<(usize, u32)> = HashSet::new();
    for (port, uses) in program.ports.iter().enumerate() {
        fresh(&mut ports, uses.iter().map(|u| (port, u.row)));
    }
    let steps = || program.runs.iter().flat_map(|r| &r.steps);
    fresh(&mut ports, steps().map(|s| (0, s.row)));
    fresh(
        &mut ports,
        strip_rows(program).flat_map(|(row, _)| [(0, row), (1, row)]),
    );
    assert!(
        ports.iter().all(|p| p.1 < active),
        "all scalars stand on active rows"
    );
    // The steps of a run are consecutive rows: the gate reads the row before.
    for run in &program.runs {
        assert!(!run.steps.is_empty());
        assert!(run.steps.windows(2).all(|w| w[0].row + 1 == w[1].row));
    }
    // Every pair cell has a row of its own and stands in one claim.
    fresh(&mut HashSet::new(), program.pair_rows.iter().copied());
    let is_pair = |p: &crate::form::Pattern| {
        p.terms
            .iter()
            .any(|(_, f)| f.terms.iter().any(|t| t.0 == crate::form::CellRef::Pair))
    };
    let mut bound: HashMap<u32, usize> = HashMap::new();
    for (uses, patterns) in program.ports.iter().zip(&shape.ports) {
        for u in uses.iter().filter(|u| is_pair(&patterns[usize::from(u.pattern)])) {
            *bound.entry(u.row).or_default() += 1;
        }
    }
    assert!(
        program.pair_rows.iter().all(|row| bound.get(row) == Some(&1)),
        "pair cells are bound once"
    );
    // Every row with a unit that has constraints has its gate, and lookups have one row each.
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
    for b in l.blocks.iter().filter(|b| b.bank == Bank::Lanes) {
        for row in b.first_row..b.first_row + b.rows() {
            assert!(b.layout.constraints.is_empty() || gated.contains(&row));
            assert!(b.layout.lookup.is_none() || lookups.contains(&row));
        }
    }
    // Operands of the strip come before their results.
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
    let sampled: HashSet<&str> = all()
        .iter()
        .flat_map(|sample| lowered(sample).blocks.into_iter().map(|b| b.kind.type_name()))
        .collect();
    for gadget in Gadget::TYPES {
        assert!(
            sampled.contains(gadget),
            "expected a sample in circuits/tests/common/samples.rs with the gadget {gadget}, found none"
        );
    }
}

#[test]
fn cells_that_hold_a_node_hold_every_value_that_it_can_have() {
    let mut held = 0;
    for sample in all() {
        let (l, graph) = (lowered(&sample), &sample.builder.graph);
        let bounds = zkml_core::bounds::bounds(graph).unwrap();
        for block in &l.blocks {
            let Gadget::Plain(Plain { limbs, signed }) = block.kind else {
                continue;
            };
            let node = match &block.args[..] {
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
