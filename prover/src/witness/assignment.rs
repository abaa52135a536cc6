//! halo2's view of a witness under assignment.

use super::{CellColumn, Column, PhaseSink, WitnessContext};
use crate::Error;
use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{self, Advice, Any, Assigned, Assignment, Challenge, Fixed, Instance, Selector};
use halo2curves::bn256::Fr;

/// Collects the advice cells that a circuit assigns.
///
/// halo2's interface has no way to return an error from most calls: the first one is kept, later
/// calls do nothing, and [`Self::check`] gives it back.
pub(super) struct WitnessAssignment<'a> {
    context: &'a WitnessContext<'a>,
    sink: &'a mut dyn PhaseSink,
    /// The phase of each advice column.
    column_phase: Vec<u8>,
    columns: Vec<CellColumn>,
    challenges: Vec<Option<Fr>>,
    phase: usize,
    phases: usize,
    error: Option<Error>,
}

impl<'a> WitnessAssignment<'a> {
    pub fn new(context: &'a WitnessContext<'a>, sink: &'a mut dyn PhaseSink) -> Self {
        let cs = context.constraint_system;
        Self {
            context,
            sink,
            column_phase: cs.advice_column_phase(),
            columns: vec![CellColumn::default(); cs.num_advice_columns()],
            challenges: vec![None; cs.num_challenges()],
            phase: 0,
            phases: context.phases(),
            error: None,
        }
    }

    /// Whether all phases are committed to.
    pub fn is_complete(&self) -> bool {
        self.phase >= self.phases
    }

    /// The first error, if any.
    pub fn check(&mut self) -> Result<(), Error> {
        self.error.take().map_or(Ok(()), Err)
    }

    fn commit_phase(&mut self) -> Result<(), Error> {
        if self.is_complete() {
            return Err(Error::Phases {
                expected: self.phases,
                found: self.phases + 1,
            });
        }
        let columns = self.context.columns(self.phase);
        let columns = columns
            .into_iter()
            .map(|index| Column::compact(std::mem::take(&mut self.columns[index]).finish()))
            .collect();
        self.challenges = self.sink.commit(columns)?;
        self.phase += 1;
        Ok(())
    }

    fn assign(
        &mut self,
        column: usize,
        row: usize,
        to: Value<Assigned<Fr>>,
    ) -> Result<Option<Assigned<Fr>>, Error> {
        let Some(&phase) = self.column_phase.get(column) else {
            return Err(Error::NoSuchColumn {
                kind: "advice",
                columns: self.column_phase.len(),
                column,
            });
        };
        if row >= self.context.usable_rows {
            return Err(Error::RowOutOfRange {
                kind: "advice",
                column,
                rows: self.context.usable_rows,
                row,
            });
        }
        let mut known = None;
        to.map(|value| known = Some(value));
        match known {
            Some(value) => {
                // A phase that is committed to is assigned again, with the same values, when the
                // circuit is synthesised for a later one.
                if usize::from(phase) >= self.phase {
                    self.columns[column].set(row, value);
                }
                Ok(Some(value))
            }
            None if usize::from(phase) == self.phase => Err(Error::UnknownValue {
                column,
                row,
                phase: self.phase,
            }),
            // It depends on challenges to come.
            None => Ok(None),
        }
    }
}

impl Assignment<Fr> for WitnessAssignment<'_> {
    fn query_instance(&self, column: plonk::Column<Instance>, row: usize) -> Result<Value<Fr>, plonk::Error> {
        if row >= self.context.usable_rows {
            return Err(plonk::Error::BoundsFailure);
        }
        self.context
            .instances
            .get(column.index())
            .and_then(|values| values.get(row))
            .map(|value| Value::known(*value))
            .ok_or(plonk::Error::BoundsFailure)
    }

    /// The reference is valid for as long as the caller likes: halo2's interface leaves the
    /// lifetime open, and a circuit may keep the cell. So the value behind it is never freed.
    /// Services that prove without end hand over columns instead
    /// ([`PhasedColumns`](crate::PhasedColumns)).
    fn assign_advice<'v>(
        &mut self,
        column: plonk::Column<Advice>,
        row: usize,
        to: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        if self.error.is_some() {
            return Value::unknown();
        }
        match self.assign(column.index(), row, to) {
            Ok(Some(value)) => Value::known(Box::leak(Box::new(value))),
            Ok(None) => Value::unknown(),
            Err(error) => {
                self.error = Some(error);
                Value::unknown()
            }
        }
    }

    fn get_challenge(&self, challenge: Challenge) -> Value<Fr> {
        match self.challenges.get(challenge.index()) {
            Some(Some(value)) => Value::known(*value),
            _ => Value::unknown(),
        }
    }

    fn next_phase(&mut self) {
        if self.error.is_none() {
            self.error = self.commit_phase().err();
        }
    }

    // What follows belongs to the key.

    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn exit_region(&mut self) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: plonk::Column<Any>) {}

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        _: &Selector,
        _: usize,
    ) -> Result<(), plonk::Error> {
        Ok(())
    }

    fn assign_fixed(&mut self, _: plonk::Column<Fixed>, _: usize, _: Assigned<Fr>) {}

    fn copy(&mut self, _: plonk::Column<Any>, _: usize, _: plonk::Column<Any>, _: usize) {}

    fn fill_from_row(
        &mut self,
        _: plonk::Column<Fixed>,
        _: usize,
        _: Value<Assigned<Fr>>,
    ) -> Result<(), plonk::Error> {
        Ok(())
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}
