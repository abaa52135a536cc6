//! The advice columns of a witness, phase by phase: what a prover commits to.

use crate::config::{Challenges, Config, field};
use crate::program::Program;
use crate::witness::{PhaseTwo, Witness};
use crate::{Error, NetworkCircuit};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, Column, ConstraintSystem};

/// An advice column from its first row on; rows that are not given hold 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessColumn {
    /// Signed integers, each standing for the field element of that value.
    Small(Vec<i32>),
    /// Field elements.
    Field(Vec<Fr>),
}

impl WitnessColumn {
    fn from_cells(cells: &[u32]) -> Self {
        match cells.iter().map(|&cell| i32::try_from(cell)).collect() {
            Ok(values) => Self::Small(values),
            Err(_) => Self::Field(cells.iter().map(|&cell| Fr::from(u64::from(cell))).collect()),
        }
    }

    /// The cells that are not 0: row and value.
    pub(crate) fn cells(&self) -> Vec<(usize, Fr)> {
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

/// Columns with what they hold.
pub(crate) type Assignment = Vec<(Column<Advice>, WitnessColumn)>;

/// The columns that come before all challenges.
pub(crate) fn phase_one(config: &Config, program: &Program, witness: &Witness) -> Assignment {
    let mut columns: Assignment = config
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
    columns.push((config.pair, pairs(program, witness)));
    columns
}

/// The pair column. Pairs are products' sums: they may be wider than the cells of lanes.
fn pairs(program: &Program, witness: &Witness) -> WitnessColumn {
    let rows = program.pair_rows.iter().max().map_or(0, |&row| row as usize + 1);
    let placed = || {
        program
            .pair_rows
            .iter()
            .map(|&row| row as usize)
            .zip(&witness.pairs)
    };
    if placed().all(|(_, &pair)| i32::try_from(pair).is_ok()) {
        let mut values = vec![0; rows];
        placed().for_each(|(row, &pair)| values[row] = pair as i32);
        WitnessColumn::Small(values)
    } else {
        let mut values = vec![Fr::ZERO; rows];
        placed().for_each(|(row, &pair)| values[row] = field(pair));
        WitnessColumn::Field(values)
    }
}

/// The columns that follow from the challenges.
pub(crate) fn phase_two(config: &Config, columns: PhaseTwo) -> Assignment {
    let PhaseTwo {
        ports,
        run,
        sum,
        helpers,
        table_helper,
        functions,
    } = columns;
    let mut all = vec![
        (config.run, run),
        (config.sum, sum),
        (config.table_helper, table_helper),
    ];
    for (port, values) in config.ports.iter().zip(ports) {
        all.extend(port.iter().copied().zip(values));
    }
    all.extend(config.helpers.iter().copied().zip(helpers));
    if let (Some(f), Some([helper, table_helper])) = (&config.functions, functions) {
        all.extend([(f.helper, helper), (f.table_helper, table_helper)]);
    }
    all.into_iter()
        .map(|(column, values)| (column, WitnessColumn::Field(values)))
        .collect()
}

impl NetworkCircuit {
    /// The finished advice columns of a phase (0 or 1), in the order of their indices, for a prover
    /// that takes columns and does not synthesise. Phase 1 follows from the challenges, which are
    /// given by index.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for a circuit without a witness, for another phase, and for phase 1
    /// without the challenges.
    pub fn columns(&self, phase: usize, challenges: &[Option<Fr>]) -> Result<Vec<WitnessColumn>, Error> {
        let mismatch = |what, expected, found| Error::Mismatch {
            what,
            expected,
            found,
        };
        let witness = self.witness.as_ref().ok_or_else(|| mismatch("witnesses", 1, 0))?;
        let mut cs = ConstraintSystem::default();
        let config = Config::new(&mut cs, (*self.shape).clone());
        let mut columns = match phase {
            0 => phase_one(&config, &self.program, witness),
            1 => {
                let known = config
                    .challenges
                    .map(|c| challenges.get(c.index()).copied().flatten());
                let found = known.list().iter().flatten().count();
                let known = Challenges::known(known)
                    .ok_or_else(|| mismatch("challenges", cs.num_challenges(), found))?;
                phase_two(&config, witness.phase_two(&self.shape, &self.program, &known))
            }
            other => return Err(mismatch("phases", 2, other + 1)),
        };
        columns.sort_by_key(|(column, _)| column.index());
        Ok(columns.into_iter().map(|(_, values)| values).collect())
    }
}
