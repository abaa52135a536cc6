//! Folding: several columns of the design share one column of the proof system.
//!
//! A row of the design is `fold` consecutive rows of the proof system, and a column of the design is
//! every `fold`-th cell of a column, from its offset on. That makes fewer and longer columns of
//! about the same number of cells: a verifier, which pays for each commitment, is cheaper, a
//! prover, which evaluates all gates on every row, dearer.
//!
//! A gate on a row that is not a multiple of `fold` reads cells of several rows of the design. So
//! in a folded circuit each gate is multiplied by the column of active rows or by a selector of
//! its own, which are never folded and hold 0 there.

use halo2_proofs::plonk::{Column, ColumnType};
use halo2_proofs::poly::Rotation;

/// A column of the design.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoldedColumn<C: ColumnType> {
    /// The column that it is part of.
    pub column: Column<C>,
    /// Its cell within the rows of a row.
    offset: usize,
    fold: usize,
}

impl<C: ColumnType> FoldedColumn<C> {
    /// A column that shares with no other.
    pub fn whole(column: Column<C>, fold: usize) -> Self {
        FoldedColumn {
            column,
            offset: 0,
            fold,
        }
    }

    /// Whether its column can have no other part.
    pub fn is_alone(&self) -> bool {
        self.fold == 1
    }

    /// The row of the proof system that holds the cell of a row.
    pub fn row(&self, row: usize) -> usize {
        row * self.fold + self.offset
    }

    /// The rotation that reaches the cell `rows` rows on.
    pub fn rotation(&self, rows: i32) -> Rotation {
        Rotation(rows * self.fold as i32 + self.offset as i32)
    }
}

/// Hands out the columns of one kind and phase, `fold` to each column of the proof system.
pub(crate) struct Folding<C: ColumnType> {
    fold: usize,
    last: Option<FoldedColumn<C>>,
}

impl<C: ColumnType> Folding<C> {
    pub fn new(fold: usize) -> Self {
        Folding { fold, last: None }
    }

    /// The next column; `fresh` makes one of the proof system.
    pub fn next(&mut self, fresh: impl FnOnce() -> Column<C>) -> FoldedColumn<C> {
        let next = match self.last {
            Some(last) if last.offset + 1 < self.fold => FoldedColumn {
                offset: last.offset + 1,
                ..last
            },
            _ => FoldedColumn::whole(fresh(), self.fold),
        };
        self.last = Some(next);
        next
    }
}
