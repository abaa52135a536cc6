//! The advice columns of a witness, phase by phase: what a prover commits to.

mod dictionary_encoded;

pub(crate) use dictionary_encoded::phase_two as dictionary_encoded;

use crate::Shape;
use crate::config::{Config, field};
use crate::fold::FoldedColumn;
use crate::program::Program;
use crate::witness::{PhaseTwo, Witness};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, Column, ConstraintSystem};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An advice column from its first row on; rows that are not given hold 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessColumn {
    /// Signed integers, each standing for the field element of that value.
    Small(Vec<i32>),
    /// Field elements.
    Field(Vec<Fr>),
}

/// A column as a prover takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhaseColumn {
    /// Its cells.
    Cells(WitnessColumn),
    /// Row `r`, of as many rows, holds `sum_j table[codes_j(r)]`; other rows hold 0.
    Sums {
        /// Where the codes are.
        codes: Vec<Codes>,
        /// Rows that are given.
        rows: usize,
        /// The table.
        table: Arc<Vec<Fr>>,
    },
}

/// Positions in the table of [`PhaseColumn::Sums`], by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// These.
    Own(Vec<i32>),
    /// The values of the advice column with this index, which is of the first phase.
    Advice(usize),
}

impl WitnessColumn {
    fn from_cells(cells: &[u32]) -> Self {
        match cells.iter().map(|&cell| i32::try_from(cell)).collect() {
            Ok(values) => Self::Small(values),
            Err(_) => Self::Field(cells.iter().map(|&cell| Fr::from(u64::from(cell))).collect()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Small(values) => values.len(),
            Self::Field(values) => values.len(),
        }
    }

    /// The cell of a row, if it is given and not 0.
    pub fn get(&self, row: usize) -> Option<Fr> {
        match self {
            Self::Small(values) => values.get(row).filter(|x| **x != 0).map(|&x| field(x.into())),
            Self::Field(values) => values.get(row).copied(),
        }
    }

    /// The cells that are not 0: row and value.
    pub fn cells(&self) -> Vec<(usize, Fr)> {
        match self {
            Self::Small(values) => {
                let nonzero = values.iter().enumerate().filter(|cell| *cell.1 != 0);
                nonzero.map(|(row, &value)| (row, field(value.into()))).collect()
            }
            Self::Field(values) => {
                let nonzero = values
                    .iter()
                    .enumerate()
                    .filter(|cell| !bool::from(cell.1.is_zero()));
                nonzero.map(|(row, &value)| (row, value)).collect()
            }
        }
    }
}

/// Columns of the proof system with what they hold.
pub(crate) type Assignment = Vec<(Column<Advice>, WitnessColumn)>;

/// Columns of the design with what they hold.
type Parts = Vec<(FoldedColumn<Advice>, WitnessColumn)>;

/// Brings columns of the design that share a column of the proof system together.
fn fold(parts: Parts) -> Assignment {
    let mut by_column: BTreeMap<Column<Advice>, Parts> = BTreeMap::new();
    for part in parts {
        by_column.entry(part.0.column).or_default().push(part);
    }
    by_column
        .into_iter()
        .map(|(column, parts)| (column, interleave(parts)))
        .collect()
}

/// One column from its parts.
fn interleave(mut parts: Parts) -> WitnessColumn {
    if let [(column, _)] = parts[..]
        && column.is_alone()
    {
        return parts.remove(0).1;
    }
    let rows = rows_of(parts.iter().map(|(column, values)| (*column, values.len())));
    let small = |part: &(_, WitnessColumn)| matches!(part.1, WitnessColumn::Small(_));
    if parts.iter().all(small) {
        let mut all = vec![0; rows];
        for (column, values) in parts {
            if let WitnessColumn::Small(values) = values {
                values
                    .iter()
                    .enumerate()
                    .for_each(|(row, &value)| all[column.row(row)] = value);
            }
        }
        return WitnessColumn::Small(all);
    }
    let mut all = vec![Fr::ZERO; rows];
    for (column, values) in parts {
        values
            .cells()
            .into_iter()
            .for_each(|(row, value)| all[column.row(row)] = value);
    }
    WitnessColumn::Field(all)
}

/// Rows of a column whose parts have so many rows of the design.
fn rows_of(parts: impl Iterator<Item = (FoldedColumn<Advice>, usize)>) -> usize {
    let rows = parts.filter_map(|(column, rows)| Some(column.row(rows.checked_sub(1)?) + 1));
    rows.max().unwrap_or(0)
}

/// The columns that come before all challenges.
pub(crate) fn phase_one(config: &Config, program: &Program, witness: &Witness) -> Assignment {
    let mut columns: Parts = config
        .lanes
        .iter()
        .zip(&witness.lanes)
        .map(|(&column, cells)| (column, WitnessColumn::from_cells(cells)))
        .collect();
    let multiplicity = WitnessColumn::from_cells(&witness.multiplicity);
    columns.push((config.multiplicity, multiplicity));
    if let Some(functions) = &config.functions {
        let multiplicity = WitnessColumn::from_cells(&witness.function_multiplicity);
        columns.push((functions.multiplicity, multiplicity));
    }
    columns.push((config.copy, copied(program, witness)));
    if let (Some(hash), Some(cells)) = (&config.hash, &witness.hash) {
        let cells = cells.iter().cloned().map(WitnessColumn::Field);
        columns.extend(hash.state.into_iter().zip(cells));
    }
    fold(columns)
}

/// The columns of the lanes, where no other column shares one with them.
pub(crate) fn lanes(shape: &Shape, lanes: &[Vec<u32>]) -> Vec<WitnessColumn> {
    if shape.fold == 1 {
        return lanes
            .iter()
            .map(|cells| WitnessColumn::from_cells(cells))
            .collect();
    }
    let config = Config::new(&mut ConstraintSystem::default(), shape.clone());
    let parts = config.lanes.iter().zip(lanes);
    let parts = parts.map(|(&column, cells)| (column, WitnessColumn::from_cells(cells)));
    let mut columns = fold(parts.collect());
    columns.sort_by_key(|(column, _)| column.index());
    columns.into_iter().map(|(_, values)| values).collect()
}

/// The copy column. Copy cells are products' sums: they may be wider than the cells of lanes.
fn copied(program: &Program, witness: &Witness) -> WitnessColumn {
    let rows = program.copy_rows.iter().max().map_or(0, |&row| row as usize + 1);
    let placed = || {
        program
            .copy_rows
            .iter()
            .map(|&row| row as usize)
            .zip(&witness.copied)
    };
    if placed().all(|(_, &copy)| i32::try_from(copy).is_ok()) {
        let mut values = vec![0; rows];
        placed().for_each(|(row, &copy)| values[row] = copy as i32);
        WitnessColumn::Small(values)
    } else {
        let mut values = vec![Fr::ZERO; rows];
        placed().for_each(|(row, &copy)| values[row] = field(copy));
        WitnessColumn::Field(values)
    }
}

/// The columns that follow from the challenges.
pub(crate) fn phase_two(config: &Config, columns: PhaseTwo) -> Assignment {
    let PhaseTwo {
        coefficient_columns,
        horner,
        sum,
        helpers,
        table_helper,
        functions,
    } = columns;
    let mut all = vec![
        (config.horner, horner),
        (config.sum, sum),
        (config.table_helper, table_helper),
    ];
    for (coefficient_column, values) in config.coefficient_columns.iter().zip(coefficient_columns) {
        all.extend(coefficient_column.iter().copied().zip(values));
    }
    all.extend(config.helpers.iter().copied().zip(helpers));
    if let (Some(f), Some([helper, table_helper])) = (&config.functions, functions) {
        all.extend([(f.helper, helper), (f.table_helper, table_helper)]);
    }
    let parts = all
        .into_iter()
        .map(|(column, values)| (column, WitnessColumn::Field(values)));
    fold(parts.collect())
}

/// Columns by index.
pub(crate) fn finished(columns: Assignment) -> Vec<(usize, PhaseColumn)> {
    let columns = columns.into_iter();
    columns
        .map(|(column, cells)| (column.index(), PhaseColumn::Cells(cells)))
        .collect()
}
