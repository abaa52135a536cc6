//! The end of compilation: coefficient columns, copy cell rows, the challenge region, and the number of rows.

use super::hashed::HashedTensors;
use super::public::{InstanceShape, PublicTensor};
use super::{Lowered, Lowering, unsupported};
use crate::degree::linear_constraint_degree;
use crate::form::{LocalGate, Pattern};
use crate::linear_constraint::{Place, Use};
use crate::options::ParamVisibility;
use crate::poseidon::{Chain, ROWS_PER_PERMUTATION};
use crate::program::{CoefficientColumnUse, GateUse, Program, TableRows};
use crate::regions::ColumnKind;
use crate::scalar::{BASE_SCALARS, Scalar};
use crate::shape::{K_RANGE, MAX_PORTS};
use crate::{Error, Shape};
use std::collections::HashMap;

/// Cells of a row that base scalars and challenge region steps take: `a`, `b`, `c` and the result.
pub(crate) const STRIP_WIDTH: usize = 4;

impl Lowering<'_> {
    pub(super) fn finish(
        mut self,
        public: Vec<PublicTensor>,
        hashed: Vec<HashedTensors>,
        instances: &InstanceShape,
    ) -> Result<Lowered, Error> {
        let uses = std::mem::take(&mut self.linear_constraints.uses);
        let copy_hints = std::mem::take(&mut self.linear_constraints.copy_rows);
        let scalars = std::mem::take(&mut self.linear_constraints.scalars).into_nodes();
        let evaluations = std::mem::take(&mut self.linear_constraints.evaluations);

        let mut coefficient_columns =
            CoefficientColumns::new(&self.linear_constraints.patterns, self.regions.end());
        let (mut anywhere, mut copied) = (vec![], vec![None; copy_hints.len()]);
        let chains: Vec<Chain> = hashed.iter().map(HashedTensors::chain).collect();
        let mut messages = vec![vec![]; chains.len()];
        for step in evaluations.iter().flat_map(|r| &r.steps) {
            coefficient_columns.take_first(step.row);
        }
        for u in &uses {
            match u.place {
                Place::Row(row) => coefficient_columns.reserve(row, u),
                Place::Copied(j) => copied[j as usize] = Some(u),
                Place::Anywhere => anywhere.push(u),
                Place::Hash { chain, permutation } => messages[chain as usize].push((permutation, u)),
            }
        }
        let computed = scalars.iter().filter(|s| matches!(s, Scalar::Mac(..))).count();
        let challenge_region_rows = BASE_SCALARS.len() / STRIP_WIDTH + computed;
        coefficient_columns.settle()?;
        let chains = coefficient_columns.place_chains(&chains, &messages);
        let copy_rows = coefficient_columns.place_copied(&copy_hints, &copied);
        for u in anywhere {
            let row = coefficient_columns.free_row();
            coefficient_columns.assign(row, u);
        }
        let challenge_region_start = coefficient_columns.rows();
        let rows = challenge_region_start as usize + challenge_region_rows;

        let (gates, gate_uses) = self.gates();
        let (tables, lookup_rows) = self.table_uses();
        let table_rows = self.table_rows();
        let used = |column_kind: ColumnKind| {
            let regions = self
                .regions
                .regions
                .iter()
                .filter(move |b| b.column_kind == column_kind);
            regions
                .map(|b| b.layout.width * b.per_row as u16)
                .max()
                .unwrap_or(0)
        };
        let committed = self.options.params == ParamVisibility::Committed;
        let weight_rows: Vec<(u32, u32)> = self
            .regions
            .regions
            .iter()
            .filter(|b| committed && b.params)
            .map(|b| (b.first_row, b.rows()))
            .collect();
        let rows = rows
            .max(1 << self.graph.lane_bits)
            .max(table_rows.0.len() + 1)
            .max(self.options.context.into());
        let mut shape = Shape {
            k: 0,
            fold: 1,
            lane_bits: self.graph.lane_bits,
            lanes: used(ColumnKind::Lanes).max(1),
            fixed_lanes: used(ColumnKind::Fixed),
            public_values: instances.values,
            instance_columns: instances.columns,
            context: self.options.context,
            hash: !hashed.is_empty(),
            committed: !weight_rows.is_empty(),
            coefficient_columns: coefficient_columns.patterns,
            evaluations: std::mem::take(&mut self.linear_constraints.horner_patterns),
            gates,
            tables: tables.into_iter().collect(),
            linear_constraint_degree: 0,
        }
        .folded(1, rows);
        if shape.k > *K_RANGE.end() {
            return Err(Error::TooLarge {
                rows,
                max_k: *K_RANGE.end(),
            });
        }
        let program = Program {
            coefficient_columns: coefficient_columns.uses,
            gates: gate_uses,
            table_rows: lookup_rows,
            tables: table_rows,
            evaluations,
            copy_rows,
            scalars,
            challenge_region_start,
            fixed_cells: self.fixed_cells()?,
            chains,
            weight_rows,
        };
        shape.linear_constraint_degree = linear_constraint_degree(&shape, &program);
        shape.validate()?;
        Ok(Lowered {
            shape,
            rows,
            lanes: self.regions.lanes,
            program,
            regions: self.regions.regions,
            aux: self.aux,
            copied: self.linear_constraints.copy_sources,
            public,
            hashed,
        })
    }

    /// The local gates: one for each kind and number of gadgets per row.
    fn gates(&self) -> (Vec<LocalGate>, Vec<GateUse>) {
        let mut gates: Vec<LocalGate> = vec![];
        let mut uses = vec![];
        for b in self
            .regions
            .regions
            .iter()
            .filter(|b| !b.layout.constraints.is_empty())
        {
            let constraints = (0..b.per_row as u16)
                .flat_map(|slot| {
                    b.layout
                        .constraints
                        .iter()
                        .map(move |c| c.shifted(slot * b.layout.width))
                })
                .collect();
            let gate = LocalGate {
                name: b.kind.name().into(),
                constraints,
            };
            let index = gates.iter().position(|g| *g == gate).unwrap_or_else(|| {
                gates.push(gate);
                gates.len() - 1
            });
            uses.push(GateUse {
                gate: index as u16,
                first: b.first_row,
                rows: b.rows(),
            });
        }
        (gates, uses)
    }

    /// The distinct table lookups, and for each use of one its index, first row and number of rows.
    fn table_uses(&self) -> (Vec<crate::form::TableLookup>, Vec<(u16, u32, u32)>) {
        let mut lookups: Vec<crate::form::TableLookup> = vec![];
        let mut uses = vec![];
        for b in &self.regions.regions {
            let Some(lookup) = &b.layout.lookup else { continue };
            let index = lookups.iter().position(|l| l == lookup).unwrap_or_else(|| {
                lookups.push(lookup.clone());
                lookups.len() - 1
            });
            uses.push((index as u16, b.first_row, b.rows()));
        }
        (lookups, uses)
    }

    /// The rows of the function tables.
    fn table_rows(&self) -> TableRows {
        let rows = |(t, _): &super::PlacedTable| t.values.clone().into_iter().zip(t.slopes.clone());
        TableRows(self.tables.iter().flat_map(rows).collect())
    }

    /// Limbs of the parameters that are part of the verifying key.
    fn fixed_cells(&self) -> Result<Vec<(u16, u32, u32)>, Error> {
        let mut cells = vec![];
        for b in self
            .regions
            .regions
            .iter()
            .filter(|b| b.column_kind == ColumnKind::Fixed)
        {
            let params = self.params.ok_or(Error::MissingParams)?;
            let mut row_cells = vec![0u32; usize::from(b.layout.width)];
            for gadget in 0..b.count {
                let (row, slot) = b.place(gadget);
                let args = crate::witness::param_args(b, gadget, params)?;
                b.kind.fill(self.graph.lane_bits, &args, &mut row_cells)?;
                for (i, &cell) in row_cells.iter().enumerate() {
                    cells.push((b.layout.width * slot as u16 + i as u16, row, cell));
                }
            }
        }
        Ok(cells)
    }
}

/// Assigns the uses of each row to coefficient columns.
struct CoefficientColumns<'p> {
    all: &'p [Pattern],
    /// Uses of each row that are bound to it, before [`CoefficientColumns::settle`].
    reserved: Vec<Vec<Use>>,
    /// Coefficient columns of each row that are taken.
    taken: Vec<u8>,
    /// Rows that have a copy cell.
    paired: Vec<bool>,
    /// Patterns of each coefficient column.
    patterns: Vec<Vec<Pattern>>,
    /// Pattern and coefficient column to index in the coefficient column's list.
    indices: HashMap<(usize, u32), u16>,
    uses: Vec<Vec<CoefficientColumnUse>>,
    free_from: usize,
}

impl<'p> CoefficientColumns<'p> {
    fn new(all: &'p [Pattern], rows: u32) -> Self {
        let rows = rows as usize;
        CoefficientColumns {
            all,
            reserved: vec![vec![]; rows],
            taken: vec![0; rows],
            paired: vec![false; rows],
            patterns: vec![vec![]; 2],
            indices: HashMap::new(),
            uses: vec![vec![]; 2],
            free_from: 0,
        }
    }

    fn rows(&self) -> u32 {
        self.taken.len() as u32
    }

    /// Takes the first coefficient column of a row for a running evaluation.
    fn take_first(&mut self, row: u32) {
        self.taken[row as usize] |= 1;
    }

    fn reserve(&mut self, row: u32, u: &Use) {
        self.reserved[row as usize].push(u.clone());
    }

    /// Assigns all reserved uses; as many coefficient columns as the fullest row needs.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where that is more than a shape may have.
    fn settle(&mut self) -> Result<(), Error> {
        let needed = |(uses, taken): (&Vec<Use>, &u8)| uses.len() + taken.count_ones() as usize;
        let most = self
            .reserved
            .iter()
            .zip(&self.taken)
            .map(needed)
            .max()
            .unwrap_or(0)
            .max(2);
        if most > MAX_PORTS {
            return Err(unsupported(format!(
                "a row of cells takes part in {most} sums, more than {MAX_PORTS}"
            )));
        }
        self.patterns.resize(most, vec![]);
        self.uses.resize(most, vec![]);
        for (row, uses) in std::mem::take(&mut self.reserved).into_iter().enumerate() {
            // Patterns that have a coefficient column already choose first.
            let (known, new): (Vec<Use>, Vec<Use>) = uses
                .into_iter()
                .partition(|u| (0..most).any(|p| self.indices.contains_key(&(p, u.pattern))));
            for u in known.iter().chain(&new) {
                self.assign(row as u32, u);
            }
        }
        Ok(())
    }

    /// First rows of chains, where the messages have coefficient columns: one after the other, each as early as it
    /// can be.
    fn place_chains(&mut self, chains: &[Chain], messages: &[Vec<(u32, &Use)>]) -> Vec<(u32, Chain)> {
        let mut next = 0;
        let mut placed = vec![];
        for (chain, uses) in chains.iter().zip(messages) {
            let row_of = |first: u32, permutation: u32| first + permutation * ROWS_PER_PERMUTATION;
            // Several uses of a row need as many coefficient columns.
            let mut needed: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
            uses.iter().for_each(|u| *needed.entry(u.0).or_default() += 1);
            let free = |first: u32| {
                let mut rows = needed.iter();
                rows.all(|(&p, &n)| self.free_coefficient_columns(row_of(first, p) as usize) >= n)
            };
            let first = (next..)
                .find(|&first| free(first))
                .expect("rows after the last one have all coefficient columns");
            while self.rows() < first + chain.rows() {
                self.grow();
            }
            for (permutation, u) in uses {
                self.assign(row_of(first, *permutation), u);
            }
            next = first + chain.rows();
            placed.push((first, *chain));
        }
        placed
    }

    /// Coefficient columns of a row that are free; rows that are not there yet have all.
    fn free_coefficient_columns(&self, row: usize) -> usize {
        let taken = self.taken.get(row).map_or(0, |t| t.count_ones() as usize);
        self.patterns.len() - taken
    }

    /// Assigns a use to a coefficient column of a row that has one free: one that has the pattern, if there is one.
    fn assign(&mut self, row: u32, u: &Use) {
        let taken = self.taken[row as usize];
        let free = |p: &usize| taken & (1 << p) == 0;
        let coefficient_columns = 0..self.patterns.len();
        let coefficient_column = coefficient_columns
            .clone()
            .filter(free)
            .find(|p| self.indices.contains_key(&(*p, u.pattern)))
            .or_else(|| {
                coefficient_columns
                    .filter(free)
                    .min_by_key(|&p| self.patterns[p].len())
            })
            .expect("a row with a free coefficient column");
        let (list, all) = (&mut self.patterns[coefficient_column], self.all);
        let index = *self
            .indices
            .entry((coefficient_column, u.pattern))
            .or_insert_with(|| {
                list.push(all[u.pattern as usize].clone());
                (list.len() - 1) as u16
            });
        self.taken[row as usize] |= 1 << coefficient_column;
        self.uses[coefficient_column].push(CoefficientColumnUse {
            row,
            pattern: index,
            a: u.a,
            b: u.b,
        });
    }

    fn has_free_coefficient_column(&self, row: usize) -> bool {
        (self.taken[row].count_ones() as usize) < self.patterns.len()
    }

    fn grow(&mut self) -> u32 {
        self.taken.push(0);
        self.paired.push(false);
        self.rows() - 1
    }

    /// A row with a free coefficient column, a new one at the end if there is none.
    fn free_row(&mut self) -> u32 {
        while self.free_from < self.taken.len() && !self.has_free_coefficient_column(self.free_from) {
            self.free_from += 1;
        }
        if self.free_from == self.taken.len() {
            self.grow()
        } else {
            self.free_from as u32
        }
    }

    /// Rows of the copy cells: where their weights begin if a coefficient column is free there, else anywhere.
    fn place_copied(&mut self, hints: &[Option<u32>], uses: &[Option<&Use>]) -> Vec<u32> {
        let mut rows = vec![u32::MAX; hints.len()];
        for (j, hint) in hints.iter().enumerate() {
            let (Some(row), Some(u)) = (*hint, uses[j]) else {
                continue;
            };
            if self.has_free_coefficient_column(row as usize) && !self.paired[row as usize] {
                self.paired[row as usize] = true;
                self.assign(row, u);
                rows[j] = row;
            }
        }
        let mut next = 0;
        for (j, u) in uses.iter().enumerate() {
            if rows[j] != u32::MAX {
                continue;
            }
            while next < self.taken.len() && (self.paired[next] || !self.has_free_coefficient_column(next)) {
                next += 1;
            }
            let row = if next == self.taken.len() {
                self.grow()
            } else {
                next as u32
            };
            self.paired[row as usize] = true;
            if let Some(u) = u {
                self.assign(row, u);
            }
            rows[j] = row;
        }
        rows
    }
}
