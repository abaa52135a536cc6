//! Folding moves cells and changes no constraint: whatever the cells hold, a constraint of a folded circuit is, on the
//! row where a row of the design starts, what it is in the plain circuit, and 0 on all rows in between and after.

use super::common::samples::all;
use super::{CONSTRAINT_SUM, Forgery};
use crate::columns::{self, Codes, PhaseColumn, WitnessColumn};
use crate::config::{Challenges, Config};
use crate::fold::FoldedColumn;
use crate::shape::MAX_FOLD;
use halo2_proofs::dev::{CellValue, MockProver};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, ColumnType, ConstraintSystem, Expression};
use std::collections::HashMap;

/// Constraints without a selector of their own.
const ON_ALL_ACTIVE_ROWS: [&str; 3] = ["inverses of the lane cells", "inverse times multiplicity", "step"];

/// A circuit with cells of our choice.
struct Cells {
    cs: ConstraintSystem<Fr>,
    fixed: Vec<Vec<Fr>>,
    rows: usize,
    fold: usize,
    active: usize,
    /// The design's column for a column of the proof system and an offset in it.
    advice: HashMap<(usize, usize), u64>,
}

/// The advice columns of the design, in an order that folding does not change.
fn advice_columns(config: &Config) -> Vec<FoldedColumn<Advice>> {
    let mut columns = config.lanes.clone();
    columns.extend([
        config.multiplicity,
        config.copy,
        config.horner,
        config.sum,
        config.table_helper,
    ]);
    columns.extend(config.coefficient_columns.iter().flatten());
    columns.extend(&config.helpers);
    columns.extend(config.hash.iter().flat_map(|hash| hash.state));
    if let Some(f) = &config.functions {
        columns.extend([f.multiplicity, f.helper, f.table_helper]);
    }
    columns
}

fn place<C: ColumnType>(column: &FoldedColumn<C>) -> (usize, usize) {
    (column.column.index(), column.row(0))
}

/// A number that depends on all arguments (SplitMix64).
fn mixed(parts: [u64; 3]) -> Fr {
    let step = |state: u64, part: u64| {
        let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    Fr::from(parts.into_iter().fold(1, step))
}

impl Cells {
    fn new(f: &Forgery) -> Self {
        let shape = &*f.circuit.shape;
        let mut cs = ConstraintSystem::default();
        let config = Config::new(&mut cs, shape.clone());
        let prover = MockProver::run(shape.k, f, f.circuit.instances()).unwrap();
        let value = |cell: &CellValue<Fr>| match cell {
            CellValue::Assigned(value) => *value,
            _ => Fr::zero(),
        };
        let columns = advice_columns(&config);
        let advice: HashMap<_, _> = columns.iter().map(place).zip(0..).collect();
        assert_eq!(advice.len(), columns.len(), "every column has its place");
        Cells {
            cs,
            fixed: prover
                .fixed()
                .iter()
                .map(|c| c.iter().map(value).collect())
                .collect(),
            rows: shape.rows(),
            fold: shape.fold.into(),
            active: shape.active_rows(),
            advice,
        }
    }

    /// A cell of the design, wherever it stands.
    fn cell(&self, row: i64, column: usize) -> Fr {
        let (design, offset) = (row.div_euclid(self.fold as i64), row.rem_euclid(self.fold as i64));
        match self.advice.get(&(column, offset as usize)) {
            Some(&column) => mixed([0, column, design as u64]),
            // Nothing of the design: no two circuits agree on it.
            None => mixed([self.fold as u64, column as u64, row as u64]),
        }
    }

    /// Names and values of all constraints on a row.
    fn constraints(&self, row: usize) -> Vec<(String, Fr)> {
        let at = |rotation: i32| row as i64 + i64::from(rotation);
        let fixed = |column: usize, rotation: i32| {
            self.fixed[column][at(rotation).rem_euclid(self.rows as i64) as usize]
        };
        let mut all = vec![];
        for gate in self.cs.gates() {
            for (i, polynomial) in gate.polynomials().iter().enumerate() {
                let value = polynomial.evaluate(
                    &|constant| constant,
                    &|_| panic!("a selector that is no fixed column"),
                    &|q| fixed(q.column_index(), q.rotation().0),
                    &|q| self.cell(at(q.rotation().0), q.column_index()),
                    // Instance columns have one value for each row of the design.
                    &|q| mixed([1, q.column_index() as u64, (row / self.fold) as u64]),
                    &|challenge| mixed([2, challenge.index() as u64, 0]),
                    &|a| -a,
                    &|a, b| a + b,
                    &|a, b| a * b,
                    &|a, factor| a * factor,
                );
                all.push((gate.constraint_name(i).to_owned(), value));
            }
        }
        all
    }
}

impl Cells {
    /// How many rows on each constraint reads an advice column at most.
    fn reach(&self) -> Vec<i32> {
        let reach = |polynomial: &Expression<Fr>| {
            polynomial.evaluate(
                &|_| 0,
                &|_| 0,
                &|_| 0,
                &|q| q.rotation().0,
                &|_| 0,
                &|_| 0,
                &|a| a,
                &|a, b| a.max(b),
                &|a, b| a.max(b),
                &|a, _| a,
            )
        };
        self.cs
            .gates()
            .iter()
            .flat_map(|g| g.polynomials())
            .map(reach)
            .collect()
    }
}

#[test]
fn constraints_are_the_same_wherever_cells_stand() {
    for sample in all() {
        let honest = Forgery::new(&sample);
        let plain = Cells::new(&honest);
        // The border at the end is where the active rows end, of which a folded circuit may have more.
        let but_the_end = |mut all: Vec<(String, Fr)>| {
            all.retain(|(name, _)| name != CONSTRAINT_SUM);
            all
        };
        for fold in [2, 3, MAX_FOLD] {
            let folded = Cells::new(&honest.folded(fold));
            assert!(folded.active >= plain.active);
            for row in 0..folded.rows {
                let all = folded.constraints(row);
                let on: Vec<&str> = all
                    .iter()
                    .filter(|c| c.1 != Fr::zero())
                    .map(|c| &c.0[..])
                    .collect();
                let place = format!("{}, fold {fold}, row {row}", sample.name);
                let design = row / folded.fold;
                if row % folded.fold != 0 || design >= folded.active {
                    assert!(on.is_empty(), "{place}: {on:?}");
                    continue;
                }
                let last = design + 1 == folded.active;
                assert_eq!(on.contains(&CONSTRAINT_SUM), last, "{place}");
                for name in ON_ALL_ACTIVE_ROWS {
                    let count = |names: &[&str]| names.iter().filter(|n| **n == name).count();
                    let names: Vec<&str> = all.iter().map(|c| &c.0[..]).collect();
                    assert_eq!(count(&on), count(&names), "{place}: {name}");
                }
                if design < plain.active {
                    assert_eq!(
                        but_the_end(all),
                        but_the_end(plain.constraints(design)),
                        "{place}"
                    );
                } else {
                    let other = on
                        .iter()
                        .find(|n| **n != CONSTRAINT_SUM && !ON_ALL_ACTIVE_ROWS.contains(n));
                    assert_eq!(other, None, "{place}");
                }
            }
        }
    }
}

/// What a prover that takes columns gets is what synthesis assigns, as positions in tables or not.
#[test]
fn columns_of_phase_two_are_what_is_assigned() {
    let known: Vec<Option<Fr>> = (0..7).map(|i| Some(mixed([3, i, 0]))).collect();
    let mut joined = 0;
    for sample in all() {
        let honest = Forgery::new(&sample);
        for fold in [1, 2, 3, 5] {
            let circuit = honest.folded(fold).circuit;
            let mut cs = ConstraintSystem::default();
            let config = Config::new(&mut cs, (*circuit.shape).clone());
            let challenges = Challenges::known(config.challenges.map(|c| known[c.index()])).unwrap();
            let witness = circuit.witness.as_ref().unwrap();
            let assigned = witness.phase_two(&circuit.shape, &circuit.program, &challenges);
            let mut assigned = columns::phase_two(&config, assigned);
            assigned.sort_by_key(|(column, _)| column.index());
            let given = circuit.columns(1, &known).unwrap();
            let lanes = circuit.columns(0, &[]).unwrap();
            assert_eq!(given.len(), assigned.len(), "{}, fold {fold}", sample.name);
            for (given, (column, assigned)) in given.iter().zip(&assigned) {
                for row in 0..circuit.shape.rows() {
                    let expected = assigned.get(row).unwrap_or_default();
                    let place = format!(
                        "{}, fold {fold}, column {}, row {row}",
                        sample.name,
                        column.index()
                    );
                    assert_eq!(cell(given, &lanes, row), expected, "{place}");
                }
                joined += usize::from(fold > 1 && matches!(given, PhaseColumn::Sums { .. }));
            }
        }
    }
    assert!(joined > 0, "no folded column is given by positions");
}

/// The cell of a column as a prover takes it; `phase_one` are the columns of the first phase.
fn cell(column: &PhaseColumn, phase_one: &[PhaseColumn], row: usize) -> Fr {
    match column {
        PhaseColumn::Cells(cells) => cells.get(row).unwrap_or_default(),
        PhaseColumn::Sums { rows, .. } if row >= *rows => Fr::zero(),
        PhaseColumn::Sums { codes, table, .. } => {
            let position = |codes: &Codes| match codes {
                Codes::Own(codes) => codes[row] as usize,
                Codes::Advice(index) => match &phase_one[*index] {
                    PhaseColumn::Cells(WitnessColumn::Small(cells)) => {
                        cells.get(row).map_or(0, |&cell| cell as usize)
                    }
                    other => panic!("positions in {other:?}"),
                },
            };
            codes.iter().map(|codes| table[position(codes)]).sum()
        }
    }
}

#[test]
fn no_gate_reads_a_blinding_row() {
    for sample in all() {
        let honest = Forgery::new(&sample);
        for fold in 1..=MAX_FOLD {
            let cells = Cells::new(&honest.folded(fold));
            let usable = cells.rows - cells.cs.blinding_factors() - 1;
            let reach = cells.reach();
            for row in (cells.active.saturating_sub(3)..cells.active).map(|row| row * cells.fold) {
                for ((name, value), reach) in cells.constraints(row).iter().zip(&reach) {
                    let last = row as i64 + i64::from(*reach);
                    assert!(
                        *value == Fr::zero() || last < usable as i64,
                        "{}, fold {fold}, row {row}: {name} reads row {last} of {usable}",
                        sample.name
                    );
                }
            }
            assert_eq!(cells.cs.degree(), 5, "{}, fold {fold}", sample.name);
        }
    }
}
