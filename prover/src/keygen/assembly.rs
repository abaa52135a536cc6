//! halo2's view of a key under assignment.

use super::cycles::Cycles;
use crate::Error;
use crate::domain::Domain;
use crate::witness::CellColumn;
use ff::Field;
use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{
    self, Advice, Any, Assigned, Assignment, Challenge, Column, ConstraintSystem, Fixed, Instance, Selector,
};
use halo2curves::bn256::Fr;

/// Collects fixed cells, selectors and copies.
///
/// halo2's interface has no way to return an error from most calls: the first one is kept and
/// given back by [`Self::finish`].
pub(super) struct FixedAssembly {
    k: u32,
    usable: usize,
    fixed: Vec<CellColumn>,
    selectors: Vec<Vec<bool>>,
    cycles: Cycles,
    error: Option<Error>,
}

impl FixedAssembly {
    pub fn new(cs: &ConstraintSystem<Fr>, domain: &Domain, cycles: Cycles) -> Self {
        Self {
            k: domain.k,
            usable: domain.usable,
            fixed: vec![CellColumn::default(); cs.num_fixed_columns()],
            selectors: vec![vec![false; domain.n]; cs.num_selectors()],
            cycles,
            error: None,
        }
    }

    /// Fixed columns of `n` rows, selectors, and copies.
    #[allow(clippy::type_complexity)]
    pub fn finish(self, n: usize) -> Result<(Vec<Vec<Fr>>, Vec<Vec<bool>>, Cycles), Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let full = |column: CellColumn| {
            let mut values = column.finish();
            values.resize(n, Fr::ZERO);
            values
        };
        Ok((
            self.fixed.into_iter().map(full).collect(),
            self.selectors,
            self.cycles,
        ))
    }

    fn keep(&mut self, result: Result<(), Error>) {
        if self.error.is_none() {
            self.error = result.err();
        }
    }

    fn check_row(&self, kind: &'static str, column: usize, row: usize) -> Result<(), Error> {
        if row < self.usable {
            return Ok(());
        }
        Err(Error::RowOutOfRange {
            kind,
            column,
            rows: self.usable,
            row,
        })
    }

    fn set_fixed(
        &mut self,
        column: usize,
        rows: std::ops::Range<usize>,
        value: Assigned<Fr>,
    ) -> Result<(), Error> {
        let columns = self.fixed.len();
        let cells = self.fixed.get_mut(column).ok_or(Error::NoSuchColumn {
            kind: "fixed",
            columns,
            column,
        })?;
        rows.for_each(|row| cells.set(row, value));
        Ok(())
    }
}

impl Assignment<Fr> for FixedAssembly {
    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        selector: &Selector,
        row: usize,
    ) -> Result<(), plonk::Error> {
        if row >= self.usable {
            return Err(plonk::Error::NotEnoughRowsAvailable { current_k: self.k });
        }
        let rows = self.selectors.get_mut(selector.index());
        rows.ok_or(plonk::Error::BoundsFailure)?[row] = true;
        Ok(())
    }

    fn query_instance(&self, _: Column<Instance>, row: usize) -> Result<Value<Fr>, plonk::Error> {
        if row >= self.usable {
            return Err(plonk::Error::NotEnoughRowsAvailable { current_k: self.k });
        }
        Ok(Value::unknown())
    }

    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<Fr>) {
        let result = self
            .check_row("fixed", column.index(), row)
            .and_then(|()| self.set_fixed(column.index(), row..row + 1, to));
        self.keep(result);
    }

    fn copy(
        &mut self,
        left_column: Column<Any>,
        left_row: usize,
        right_column: Column<Any>,
        right_row: usize,
    ) {
        let result = self
            .check_row("copied", left_column.index(), left_row)
            .and_then(|()| self.check_row("copied", right_column.index(), right_row))
            .and_then(|()| {
                self.cycles
                    .copy((left_column, left_row), (right_column, right_row))
            });
        self.keep(result);
    }

    fn fill_from_row(
        &mut self,
        column: Column<Fixed>,
        row: usize,
        to: Value<Assigned<Fr>>,
    ) -> Result<(), plonk::Error> {
        if row >= self.usable {
            return Err(plonk::Error::NotEnoughRowsAvailable { current_k: self.k });
        }
        let mut known = None;
        to.map(|value| known = Some(value));
        let value = known.ok_or(plonk::Error::Synthesis)?;
        let result = self.set_fixed(column.index(), row..self.usable, value);
        self.keep(result);
        Ok(())
    }

    // What follows belongs to the witness.

    fn assign_advice<'v>(
        &mut self,
        _: Column<Advice>,
        _: usize,
        _: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        Value::unknown()
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }

    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn exit_region(&mut self) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}
