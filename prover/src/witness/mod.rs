//! Where advice columns come from.

mod assignment;
mod cells;
mod circuit;
mod column;

pub(crate) use cells::CellColumn;
pub use circuit::CircuitWitness;
pub(crate) use column::integers;
pub use column::{Codes, Column};

use crate::Error;
use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;

/// What a source of a witness is told about the circuit.
#[derive(Clone, Copy, Debug)]
pub struct WitnessContext<'a> {
    /// The key's constraint system.
    pub constraint_system: &'a ConstraintSystem<Fr>,
    /// Rows that may be assigned.
    pub usable_rows: usize,
    /// The values of the instance columns.
    pub instances: &'a [&'a [Fr]],
}

impl WitnessContext<'_> {
    /// Number of phases: one more than the highest phase of an advice column.
    pub fn phases(&self) -> usize {
        let phases = self.constraint_system.advice_column_phase();
        phases
            .into_iter()
            .max()
            .map_or(1, |highest| usize::from(highest) + 1)
    }

    /// The advice columns of a phase, in order.
    pub fn columns(&self, phase: usize) -> Vec<usize> {
        indices(&self.constraint_system.advice_column_phase(), phase)
    }

    /// The challenges that can be used after a phase, in order.
    pub(crate) fn challenges(&self, phase: usize) -> Vec<usize> {
        indices(&self.constraint_system.challenge_phase(), phase)
    }
}

fn indices(phases: &[u8], phase: usize) -> Vec<usize> {
    let of_phase = |(index, found): (usize, &u8)| (usize::from(*found) == phase).then_some(index);
    phases.iter().enumerate().filter_map(of_phase).collect()
}

/// Takes the columns of one phase after the other.
pub trait PhaseSink {
    /// Commits to the columns of the next phase, one for each of [`WitnessContext::columns`], and
    /// returns the circuit's challenges by index: those that can be used by now.
    ///
    /// # Errors
    /// [`Error::WitnessColumns`], [`Error::RowOutOfRange`] and [`Error::Phases`] for columns that
    /// do not fit; [`Error::Cancelled`], [`Error::Transcript`] and [`Error::Backend`].
    fn commit(&mut self, columns: Vec<Column>) -> Result<Vec<Option<Fr>>, Error>;
}

/// A source of advice columns.
///
/// Implementations call [`PhaseSink::commit`] once for each phase, in order, and give up with the
/// error of a call that fails.
pub trait WitnessSource {
    /// Hands over all phases.
    ///
    /// # Errors
    /// Those of [`PhaseSink::commit`], and the source's own.
    fn assign(&mut self, context: &WitnessContext<'_>, sink: &mut dyn PhaseSink) -> Result<(), Error>;
}

/// Finished columns, phase by phase, from a function of the phase and the challenges so far.
///
/// This is the cheap way: a column of small integers never becomes a vector of field elements
/// before its polynomial is needed.
#[derive(Clone, Debug)]
pub struct PhasedColumns<F>(F);

impl<F, E> PhasedColumns<F>
where
    F: FnMut(usize, &[Option<Fr>]) -> Result<Vec<Column>, E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// A source that asks `columns(phase, challenges)` for each phase.
    pub fn new(columns: F) -> Self {
        Self(columns)
    }
}

impl<F, E> WitnessSource for PhasedColumns<F>
where
    F: FnMut(usize, &[Option<Fr>]) -> Result<Vec<Column>, E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn assign(&mut self, context: &WitnessContext<'_>, sink: &mut dyn PhaseSink) -> Result<(), Error> {
        let mut challenges = vec![None; context.constraint_system.num_challenges()];
        for phase in 0..context.phases() {
            let columns = (self.0)(phase, &challenges).map_err(|e| Error::Witness(e.into()))?;
            challenges = sink.commit(columns)?;
        }
        Ok(())
    }
}
