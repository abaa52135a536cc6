//! The permutation that copy constraints make.

use crate::Error;
use crate::domain::Domain;
use crate::error::ColumnKind;
use ff::{Field, PrimeField};
use halo2_proofs::plonk::{self, Any, Column};
use halo2curves::bn256::Fr;
use std::collections::HashMap;

/// Cells that are copies of each other form one cycle; `sigma` maps each cell to the next.
///
/// A copy between two cycles joins them by exchanging the successors of the two cells (halo2
/// book, "Permutation argument"); one within a cycle changes nothing. Which cycle a cell is in
/// is kept as a forest of disjoint sets.
pub(super) struct Cycles {
    columns: HashMap<(ColumnKind, usize), usize>,
    rows: usize,
    omega: Fr,
    /// The successor of cell `column * rows + row`.
    next: Vec<usize>,
    parent: Vec<usize>,
}

impl Cycles {
    pub fn new(columns: &[Column<Any>], domain: &Domain) -> Self {
        let cells = columns.len() * domain.n;
        let name = |(position, column): (usize, &Column<Any>)| {
            ((ColumnKind::from(column.column_type()), column.index()), position)
        };
        Self {
            columns: columns.iter().enumerate().map(name).collect(),
            rows: domain.n,
            omega: domain.omega(),
            next: (0..cells).collect(),
            parent: (0..cells).collect(),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Ties two cells; the rows must lie in the domain.
    pub fn copy(&mut self, left: (Column<Any>, usize), right: (Column<Any>, usize)) -> Result<(), Error> {
        let left = self.cell(left.0, left.1)?;
        let right = self.cell(right.0, right.1)?;
        let (left_root, right_root) = (self.root(left), self.root(right));
        if left_root != right_root {
            // Path halving alone keeps the trees flat.
            self.parent[right_root] = left_root;
            self.next.swap(left, right);
        }
        Ok(())
    }

    /// The rows of `sigma` for a column: `delta^column' w^row'` of the next cell.
    pub fn sigma(&self, column: usize) -> Vec<Fr> {
        let mut names = vec![Fr::ONE; self.rows];
        for row in 1..self.rows {
            names[row] = names[row - 1] * self.omega;
        }
        let deltas: Vec<Fr> = (0..self.columns() as u64)
            .map(|column| Fr::DELTA.pow_vartime([column]))
            .collect();
        self.next[column * self.rows..(column + 1) * self.rows]
            .iter()
            .map(|cell| deltas[cell / self.rows] * names[cell % self.rows])
            .collect()
    }

    fn cell(&self, column: Column<Any>, row: usize) -> Result<usize, Error> {
        let name = (ColumnKind::from(column.column_type()), column.index());
        match self.columns.get(&name) {
            Some(position) => Ok(position * self.rows + row),
            None => Err(plonk::Error::ColumnNotInPermutation(column).into()),
        }
    }

    fn root(&mut self, mut cell: usize) -> usize {
        while self.parent[cell] != cell {
            self.parent[cell] = self.parent[self.parent[cell]];
            cell = self.parent[cell];
        }
        cell
    }
}
