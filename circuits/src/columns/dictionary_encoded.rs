//! The columns of phase 2 with helpers and coefficient columns as positions in tables, which a prover commits to by the table.

use super::{Codes, PhaseColumn, WitnessColumn, interleave, rows_of};
use crate::Shape;
use crate::config::Config;
use crate::fold::FoldedColumn;
use crate::shape::CELLS_PER_HELPER;
use crate::witness::Derived;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, Column};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A column of the design.
enum Part<'a> {
    /// Its cells.
    Cells(Vec<Fr>),
    /// On each active row the sum of a table's entries.
    Sums(Vec<Positions<'a>>, Arc<Vec<Fr>>),
}

/// Positions in a table, by row.
enum Positions<'a> {
    /// These.
    Own(Vec<i32>),
    /// The cells of a lane, a column of phase 1; rows beyond them have the position 0.
    Lane(FoldedColumn<Advice>, &'a [u32]),
}

impl Positions<'_> {
    /// The position of a row. A cell of a lane beyond the table has none: no multiplicity balances it, so that
    /// whatever a helper makes of it is not proven.
    fn within(&self, table: &[Fr], row: usize) -> Option<usize> {
        let position = match self {
            Self::Own(positions) => positions.get(row).and_then(|&p| usize::try_from(p).ok()),
            Self::Lane(_, cells) => Some(cells.get(row).map_or(0, |&cell| cell as usize)),
        };
        position.filter(|&position| position < table.len())
    }
}

/// The columns of the proof system by index.
pub(crate) fn phase_two(
    config: &Config,
    derived: Derived,
    lanes: &[Vec<u32>],
    shape: &Shape,
) -> Vec<(usize, PhaseColumn)> {
    let rows = shape.active_rows();
    let mut by_column: BTreeMap<Column<Advice>, Vec<(FoldedColumn<Advice>, Part<'_>)>> = BTreeMap::new();
    for part in parts(config, derived, lanes) {
        by_column.entry(part.0.column).or_default().push(part);
    }
    let by_column = by_column.into_iter();
    by_column
        .map(|(column, parts)| (column.index(), whole(parts, rows)))
        .collect()
}

/// All columns of the design.
fn parts<'a>(
    config: &Config,
    derived: Derived,
    lanes: &'a [Vec<u32>],
) -> Vec<(FoldedColumn<Advice>, Part<'a>)> {
    let Derived {
        scalars,
        coefficient_columns,
        inverses,
        horner,
        sum,
        table_helper,
        functions,
    } = derived;
    let mut all = vec![
        (config.horner, Part::Cells(horner)),
        (config.sum, Part::Cells(sum)),
        (config.table_helper, Part::Cells(table_helper)),
    ];
    if let (Some(f), Some([helper, table_helper])) = (&config.functions, functions) {
        all.extend([
            (f.helper, Part::Cells(helper)),
            (f.table_helper, Part::Cells(table_helper)),
        ]);
    }
    for (coefficient_column, positions) in config.coefficient_columns.iter().zip(coefficient_columns) {
        let sums = |positions| Part::Sums(vec![Positions::Own(positions)], scalars.clone());
        all.extend(coefficient_column.iter().copied().zip(positions.map(sums)));
    }
    let lanes: Vec<_> = config.lanes.iter().zip(lanes).collect();
    for (&helper, lanes) in config.helpers.iter().zip(lanes.chunks(CELLS_PER_HELPER)) {
        let lanes = lanes
            .iter()
            .map(|&(&column, cells)| Positions::Lane(column, cells));
        all.push((helper, Part::Sums(lanes.collect(), inverses.table.clone())));
    }
    all
}

/// A column of the proof system from the columns of the design that share it.
fn whole(mut parts: Vec<(FoldedColumn<Advice>, Part<'_>)>, rows: usize) -> PhaseColumn {
    if let [(column, _)] = parts[..]
        && column.is_alone()
    {
        return match parts.remove(0).1 {
            Part::Cells(cells) => PhaseColumn::Cells(WitnessColumn::Field(cells)),
            Part::Sums(positions, table) => PhaseColumn::Sums {
                codes: positions.into_iter().map(Codes::from).collect(),
                rows,
                table,
            },
        };
    }
    if parts.iter().all(|(_, part)| matches!(part, Part::Sums(..))) {
        return joined(&parts, rows);
    }
    let cells = |part: Part<'_>| match part {
        Part::Cells(cells) => cells,
        Part::Sums(positions, table) => {
            let entry = |p: &Positions<'_>, row| p.within(&table, row).map_or(Fr::ZERO, |at| table[at]);
            let sum = |row| positions.iter().map(|p| entry(p, row)).sum();
            (0..rows).map(sum).collect()
        }
    };
    let parts = parts.into_iter();
    PhaseColumn::Cells(interleave(
        parts
            .map(|(column, part)| (column, WitnessColumn::Field(cells(part))))
            .collect(),
    ))
}

impl From<Positions<'_>> for Codes {
    fn from(positions: Positions<'_>) -> Self {
        match positions {
            Positions::Own(positions) => Codes::Own(positions),
            Positions::Lane(column, _) => Codes::Advice(column.column.index()),
        }
    }
}

/// Columns of sums that share a column: their tables one behind the other, after the entry 0 for cells that are no sums.
fn joined(parts: &[(FoldedColumn<Advice>, Part<'_>)], rows: usize) -> PhaseColumn {
    let whole_rows = rows_of(parts.iter().map(|(column, _)| (*column, rows)));
    let mut table = vec![Fr::ZERO];
    let mut starts: Vec<(*const Vec<Fr>, usize)> = Vec::new();
    let mut codes: Vec<Vec<i32>> = Vec::new();
    for (column, part) in parts {
        let Part::Sums(positions, of) = part else { continue };
        let known = starts.iter().find(|(table, _)| *table == Arc::as_ptr(of));
        let start = known.map(|known| known.1).unwrap_or_else(|| {
            let start = table.len();
            table.extend_from_slice(of);
            starts.push((Arc::as_ptr(of), start));
            start
        });
        codes.resize(codes.len().max(positions.len()), vec![0; whole_rows]);
        for (codes, positions) in codes.iter_mut().zip(positions) {
            for row in 0..rows {
                let position = positions.within(of, row);
                codes[column.row(row)] = position.map_or(0, |position| (start + position) as i32);
            }
        }
    }
    PhaseColumn::Sums {
        codes: codes.into_iter().map(Codes::Own).collect(),
        rows: whole_rows,
        table: Arc::new(table),
    }
}
