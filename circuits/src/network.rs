//! The halo2 circuit of a compiled network.

use crate::Shape;
use crate::columns::{self, Assignment, PhaseColumn};
use crate::config::{Challenges, Config, field};
use crate::fold::FoldedColumn;
use crate::program::Program;
use crate::scalar::Scalar;
use crate::witness::{PhaseTwo, Witness, challenge_region_rows, table_tuples};
use ff::Field;
use halo2_proofs::circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Value};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, Any, Circuit, Column, ConstraintSystem, Error, Fixed};
use std::sync::Arc;

/// A circuit, with or without a witness.
#[derive(Clone, Debug)]
pub struct NetworkCircuit {
    pub(crate) shape: Arc<Shape>,
    pub(crate) program: Arc<Program>,
    pub(crate) witness: Option<Arc<Witness>>,
}

impl NetworkCircuit {
    /// All public values: those of tensors, commitments, the context. Empty without a witness.
    pub fn public_values(&self) -> Vec<Fr> {
        self.witness
            .as_ref()
            .map(|w| self.shape.join_public(&w.instances))
            .unwrap_or_default()
    }

    /// Public values by instance column; empty without a witness.
    pub fn instances(&self) -> Vec<Vec<Fr>> {
        self.witness
            .as_ref()
            .map(|w| self.shape.instances(&w.instances))
            .unwrap_or_default()
    }
}

impl Circuit<Fr> for NetworkCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn params(&self) -> Shape {
        (*self.shape).clone()
    }

    fn without_witnesses(&self) -> Self {
        NetworkCircuit {
            witness: None,
            ..self.clone()
        }
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        Config::new(meta, shape)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        // halo2 calls `configure_with_params`; this is the smallest circuit.
        let coefficient_columns = vec![vec![], vec![]];
        Config::new(
            meta,
            Shape {
                k: 5,
                fold: 1,
                lane_bits: 1,
                lanes: 1,
                coefficient_columns,
                ..Shape::default()
            },
        )
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "network",
            |region| {
                self.assign(&config, region, |witness, challenges| {
                    witness.phase_two(&self.shape, &self.program, challenges)
                })
            },
        )
    }
}

/// A challenge's value once it is known.
fn known<T>(value: Value<T>) -> Option<T> {
    let mut known = None;
    value.map(|v| known = Some(v));
    known
}

impl NetworkCircuit {
    /// `synthesize` runs once per phase: what is assigned follows from which challenges are known.
    pub(crate) fn assign(
        &self,
        config: &Config,
        mut region: Region<'_, Fr>,
        phase_two: impl Fn(&Witness, &Challenges<Fr>) -> PhaseTwo,
    ) -> Result<(), Error> {
        let challenges = config.challenges.map(|c| known(region.get_challenge(c)));
        let Some(challenges) = Challenges::known(challenges) else {
            self.assign_fixed(config, &mut region);
            self.assign_copies(config, &mut region);
            if let Some(witness) = &self.witness {
                assign(&mut region, &columns::phase_one(config, &self.program, witness));
            }
            return Ok(());
        };
        if let Some(witness) = &self.witness {
            let columns = phase_two(witness, &challenges);
            assign(&mut region, &columns::phase_two(config, columns));
        }
        Ok(())
    }

    fn assign_fixed(&self, config: &Config, region: &mut Region<'_, Fr>) {
        let (shape, program) = (&self.shape, &self.program);
        let active = shape.active_rows();
        let mut on = |column: FoldedColumn<Fixed>, row: usize| {
            region.assign_fixed(column.column, column.row(row), Fr::ONE);
        };
        (0..active).for_each(|row| on(config.active, row));
        on(config.first, 0);
        on(config.last, active - 1);
        for (r, column) in config.base.into_iter().enumerate() {
            on(column, program.challenge_region_start as usize + r);
        }
        for (row, _) in challenge_region_rows(program).skip(2) {
            on(config.challenge_region, row as usize);
        }
        for (uses, columns) in program.coefficient_columns.iter().zip(&config.patterns) {
            for u in uses {
                on(columns[usize::from(u.pattern)], u.row as usize);
            }
        }
        for horner in &program.evaluations {
            for (i, step) in horner.steps.iter().enumerate() {
                on(config.evaluations[usize::from(step.pattern)], step.row as usize);
                if let (Some(continues), true) = (config.horner_continues, i > 0) {
                    on(continues, step.row as usize);
                }
            }
        }
        for g in &program.gates {
            for row in g.first..g.first + g.rows {
                on(config.gates[usize::from(g.gate)], row as usize);
            }
        }
        for &(lookup, first, rows) in &program.table_rows {
            if let Some(f) = &config.functions {
                (first..first + rows).for_each(|row| on(f.selectors[usize::from(lookup)], row as usize));
            }
        }
        // No fixed column is zero, whatever the parameters are and if all running evaluations have one step: the
        // challenge region's rows have no other use for the fixed lanes, and no running evaluation.
        for &column in &config.fixed_lanes {
            on(column, program.challenge_region_start as usize);
        }
        if let Some(continues) = config.horner_continues {
            on(continues, program.challenge_region_start as usize + 1);
        }
        if let Some(column) = config.committed {
            let rows = program.weight_rows.iter();
            for row in rows.flat_map(|&(first, rows)| first..first + rows) {
                // All cells of the lanes that share a column.
                for cell in column.row(row as usize)..column.row(row as usize + 1) {
                    region.assign_fixed(column.column, cell, Fr::ONE);
                }
            }
        }
        if let Some(hash) = &config.hash {
            for (first, chain) in &program.chains {
                hash.assign_fixed(region, *first, chain);
            }
        }
        for value in 0..1usize << shape.lane_bits {
            let column = config.range_table;
            region.assign_fixed(column.column, column.row(value), Fr::from(value as u64));
        }
        for &(lane, row, value) in &program.fixed_cells {
            let column = config.fixed_lanes[usize::from(lane)];
            region.assign_fixed(
                column.column,
                column.row(row as usize),
                Fr::from(u64::from(value)),
            );
        }
        if let Some(f) = &config.functions {
            let tuples = table_tuples(program);
            for row in 0..active {
                let tuple = tuples[row.min(tuples.len() - 1)];
                for (&column, value) in f.table.iter().zip(tuple) {
                    region.assign_fixed(column.column, column.row(row), field(value));
                }
            }
        }
    }

    /// Every use of a scalar is a copy of the cell that it was made in.
    fn assign_copies(&self, config: &Config, region: &mut Region<'_, Fr>) {
        let cell = |column: FoldedColumn<Advice>, row: u32| Cell {
            row_offset: column.row(row as usize),
            column: Column::<Any>::from(column.column),
        };
        let challenge_region_cell = |i: usize, row: u32| cell(config.coefficient_columns[i / 2][i % 2], row);
        let mut home: Vec<Option<Cell>> = self
            .program
            .scalars
            .iter()
            .map(|s| match *s {
                Scalar::Copied(j) => Some(cell(config.copy, self.program.copy_rows[j as usize])),
                Scalar::Horner(j) => self.program.evaluations[j as usize]
                    .steps
                    .last()
                    .map(|s| cell(config.horner, s.row)),
                _ => None,
            })
            .collect();
        for (n, (row, cells)) in challenge_region_rows(&self.program).enumerate() {
            if n < 2 {
                for (i, id) in cells.iter().enumerate() {
                    home[id.0 as usize] = Some(challenge_region_cell(i, row));
                }
            } else {
                for (i, id) in cells.iter().enumerate().take(3) {
                    let from = home[id.0 as usize].expect("operands come before results");
                    region.constrain_equal(from, challenge_region_cell(i, row));
                }
                home[cells[3].0 as usize] = Some(challenge_region_cell(3, row));
            }
        }
        let evaluations = self
            .program
            .evaluations
            .iter()
            .flat_map(|r| &r.steps)
            .map(|u| (u, config.coefficient_columns[0]));
        let coefficient_columns = self
            .program
            .coefficient_columns
            .iter()
            .zip(&config.coefficient_columns);
        for (u, coefficient_column) in coefficient_columns
            .flat_map(|(uses, &coefficient_column)| uses.iter().map(move |u| (u, coefficient_column)))
            .chain(evaluations)
        {
            for (id, column) in [(u.a, coefficient_column[0]), (u.b, coefficient_column[1])] {
                let from = home[id.0 as usize].expect("every scalar has a cell");
                region.constrain_equal(from, cell(column, u.row));
            }
        }
    }
}

impl NetworkCircuit {
    /// The finished advice columns of a phase (0 or 1), in the order of their indices, for a prover
    /// that takes columns and does not synthesise. Phase 1 follows from the challenges, which are
    /// given by index.
    ///
    /// # Errors
    /// [`crate::Error::Mismatch`] for a circuit without a witness, for another phase, and for phase 1
    /// without the challenges.
    pub fn columns(&self, phase: usize, challenges: &[Option<Fr>]) -> Result<Vec<PhaseColumn>, crate::Error> {
        let mismatch = |what, expected, found| crate::Error::Mismatch {
            what,
            expected,
            found,
        };
        let witness = self.witness.as_ref().ok_or_else(|| mismatch("witnesses", 1, 0))?;
        let mut cs = ConstraintSystem::default();
        let config = Config::new(&mut cs, (*self.shape).clone());
        let mut filled = match phase {
            0 => columns::finished(columns::phase_one(&config, &self.program, witness)),
            1 => {
                let known = config
                    .challenges
                    .map(|c| challenges.get(c.index()).copied().flatten());
                let found = known.list().iter().flatten().count();
                let known = Challenges::known(known)
                    .ok_or_else(|| mismatch("challenges", cs.num_challenges(), found))?;
                let derived = witness.derive(&self.shape, &self.program, &known);
                columns::dictionary_encoded(&config, derived, &witness.lanes, &self.shape)
            }
            other => return Err(mismatch("phases", 2, other + 1)),
        };
        filled.sort_by_key(|(index, _)| *index);
        Ok(filled.into_iter().map(|(_, column)| column).collect())
    }
}

fn assign(region: &mut Region<'_, Fr>, columns: &Assignment) {
    for (column, values) in columns {
        for (row, value) in values.cells() {
            region.assign_advice(*column, row, Value::known(value));
        }
    }
}
