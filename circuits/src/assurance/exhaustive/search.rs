//! All satisfying assignments of a layout.

use crate::form::{CellRef, Constraint, LinForm};
use crate::gadget::GadgetLayout;

/// The rows of the function tables: value and slope.
pub(super) type Table = Vec<(i64, i64)>;

/// What must hold once the cells up to some one are set.
enum Condition<'a> {
    Constraint(&'a Constraint),
    Lookup(&'a crate::form::TableLookup),
}

/// A search through all assignments of a layout's cells, cell by cell. A constraint is tried as soon as all its cells are set:
/// where it fails, no assignment that begins so satisfies it, and none is tried.
pub(super) struct Search<'a> {
    b: u32,
    /// Conditions by the last cell that they read.
    conditions: Vec<Vec<Condition<'a>>>,
    table: &'a Table,
    cells: Vec<u32>,
}

impl<'a> Search<'a> {
    pub fn new(layout: &'a GadgetLayout, b: u32, table: &'a Table) -> Self {
        let width = usize::from(layout.width);
        let mut conditions: Vec<Vec<Condition<'a>>> = (0..width).map(|_| vec![]).collect();
        for constraint in &layout.constraints {
            let forms = constraint.products.iter().flat_map(|(_, factors)| factors);
            conditions[last_cell(forms)].push(Condition::Constraint(constraint));
        }
        if let Some(lookup) = &layout.lookup {
            let last = last_cell([&lookup.id, &lookup.value, &lookup.slope]);
            conditions[last].push(Condition::Lookup(lookup));
        }
        Search {
            b,
            conditions,
            table,
            cells: vec![0; width],
        }
    }

    /// Hands over each satisfying assignment.
    pub fn each(&mut self, visit: &mut dyn FnMut(&[u32])) {
        self.from(0, visit);
    }

    fn from(&mut self, at: usize, visit: &mut dyn FnMut(&[u32])) {
        if at == self.cells.len() {
            return visit(&self.cells);
        }
        for value in 0..1 << self.b {
            self.cells[at] = value;
            if self.conditions[at].iter().all(|c| self.holds(c)) {
                self.from(at + 1, visit);
            }
        }
        self.cells[at] = 0;
    }

    fn holds(&self, condition: &Condition<'_>) -> bool {
        let on = |form: &LinForm| form.on_lanes(&self.cells);
        match condition {
            Condition::Constraint(constraint) => {
                let product = |(c, factors): &(i64, Vec<LinForm>)| {
                    factors
                        .iter()
                        .fold(i128::from(*c), |product, f| product * i128::from(on(f)))
                };
                constraint.products.iter().map(product).sum::<i128>() == 0
            }
            Condition::Lookup(lookup) => {
                let row = usize::try_from(on(&lookup.id))
                    .ok()
                    .and_then(|id| self.table.get(id));
                row == Some(&(on(&lookup.value), on(&lookup.slope)))
            }
        }
    }
}

/// The last cell that these forms read; the first cell if they read none.
fn last_cell<'f>(forms: impl IntoIterator<Item = &'f LinForm>) -> usize {
    let cells = forms
        .into_iter()
        .flat_map(|f| &f.terms)
        .map(|(cell, _)| match cell {
            CellRef::Lane(lane) => usize::from(*lane),
            CellRef::Fixed(_) | CellRef::Instance(_) | CellRef::Copied | CellRef::Hash(_) => 0,
        });
    cells.max().unwrap_or(0)
}
