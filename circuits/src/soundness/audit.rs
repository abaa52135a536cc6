//! What holds of every compiled circuit: no two things share a cell.

use super::common::samples::all;
use super::{Bank, lowered};
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
fn samples_have_every_unit() {
    let kinds: HashSet<&str> = all()
        .iter()
        .flat_map(|s| {
            lowered(s)
                .blocks
                .iter()
                .map(|b| b.kind.name())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(kinds.len(), 9, "{kinds:?}");
}

#[test]
fn no_equation_of_the_samples_has_a_large_degree() {
    // The sum of the largest exponents bounds the degree of what a forgery must vanish on.
    for sample in all() {
        let l = lowered(&sample);
        let mut degrees: Vec<u64> = vec![];
        for s in &l.program.scalars {
            let at = |id: &crate::scalar::ScalarId| degrees[id.0 as usize];
            degrees.push(match s {
                Scalar::U | Scalar::V | Scalar::W | Scalar::Sigma | Scalar::Tau => 1,
                Scalar::One | Scalar::Half | Scalar::MinusOne | Scalar::Pair(_) => 0,
                Scalar::Run(j) => {
                    let steps = &l.program.runs[*j as usize].steps;
                    steps.iter().map(|s| at(&s.a) + at(&s.b) + 128).max().unwrap_or(0)
                }
                Scalar::Mac(a, b, c) => (at(a) + at(b)).max(at(c)),
            });
        }
        let cells = (l.shape.active_rows() * (usize::from(l.shape.lanes) + 1)) as u64;
        let worst = degrees.iter().max().unwrap() * 2 + cells;
        assert!(worst < 1 << 33, "{}: {worst}", sample.name);
    }
}
