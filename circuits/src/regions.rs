//! Where gadgets stand: regions of equal gadgets on consecutive rows.

use crate::conv_geometry::ConvGeometry;
use crate::form::{CellRef, LinForm};
use crate::gadget::{Gadget, GadgetLayout};

/// Index of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RegionId(pub u32);

/// Which columns a region's cells are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Lanes: phase-1 advice.
    Lanes,
    /// Fixed lanes.
    Fixed,
}

/// Where the arguments of a region's gadgets come from when a witness is made.
#[derive(Clone, Debug)]
pub(crate) enum ArgSource {
    /// Element `i` of a node's value for gadget `i`.
    Node(u32),
    /// Element `map[i]` of a node's value.
    NodeMap(u32, std::sync::Arc<Vec<u32>>),
    /// Element `map[i]` of a parameter tensor.
    Param(u32, std::sync::Arc<Vec<u32>>),
    /// The same number for all gadgets.
    Constant(i64),
    /// One number for each gadget.
    Constants(std::sync::Arc<Vec<i64>>),
    /// Result of gadget `map[i]` of an earlier region.
    Region(RegionId, std::sync::Arc<Vec<u32>>),
    /// Element `i` of an auxiliary tensor.
    Aux(u32),
}

/// A tensor that the witness needs and the trace does not hold.
#[derive(Clone, Debug)]
pub(crate) enum Aux {
    /// For each element of a node: its distance from the maximum of its group, in group order.
    Distance { node: u32, groups: Vec<Vec<u32>> },
    /// 1 for the first maximum of each group, in group order.
    Marker { node: u32, groups: Vec<Vec<u32>> },
    /// 1 before the first maximum of each group, in group order.
    Before { node: u32, groups: Vec<Vec<u32>> },
    /// Maximum of each group.
    Largest { node: u32, groups: Vec<Vec<u32>> },
    /// Terms of a convolution's product along the width that are no output, by batch, output
    /// channel, row and exponent.
    Spare {
        conv: ConvGeometry,
        left: u32,
        right: u32,
    },
}

/// Gadgets of one kind on consecutive rows.
///
/// Gadgets are numbered in runs of `run`; each run starts on a new row.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub kind: Gadget,
    pub layout: GadgetLayout,
    pub column_kind: ColumnKind,
    pub first_row: u32,
    pub per_row: u32,
    pub count: u32,
    pub run: u32,
    pub args: Vec<ArgSource>,
    /// Whether the region is the place of parameters.
    pub params: bool,
}

impl Region {
    /// Rows of a run.
    pub fn rows_per_run(&self) -> u32 {
        self.run.div_ceil(self.per_row)
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        rows_needed(self.count, self.run, self.per_row)
    }

    /// Row and slot of gadget `i`.
    pub fn place(&self, i: u32) -> (u32, u32) {
        let (r, j) = (i / self.run, i % self.run);
        (
            self.first_row + r * self.rows_per_run() + j / self.per_row,
            j % self.per_row,
        )
    }

    /// The gadgets on the region's `row`-th row.
    pub fn gadgets_on(&self, row: u32) -> std::ops::Range<u32> {
        let (r, c) = (row / self.rows_per_run(), row % self.rows_per_run());
        let first = r * self.run + c * self.per_row;
        let end = (r * self.run + ((c + 1) * self.per_row).min(self.run)).min(self.count);
        first.min(end)..end
    }

    /// The lane of a cell of the gadget in a slot.
    pub fn lane(&self, slot: u32, cell: usize) -> usize {
        slot as usize * usize::from(self.layout.width) + cell
    }

    /// A form of the gadget in a slot.
    pub fn form(&self, role: Role, slot: u32) -> LinForm {
        let form = match role {
            Role::Input(i) => &self.layout.inputs[usize::from(i)],
            Role::Output(i) => &self.layout.outputs[usize::from(i)],
        };
        let mut form = form.shifted(self.layout.width * slot as u16);
        if self.column_kind == ColumnKind::Fixed {
            for t in &mut form.terms {
                if let CellRef::Lane(l) = t.0 {
                    t.0 = CellRef::Fixed(l);
                }
            }
        }
        form
    }
}

/// Rows of `count` gadgets in runs.
pub(crate) fn rows_needed(count: u32, run: u32, per_row: u32) -> u32 {
    let per_run = run.div_ceil(per_row);
    (count / run) * per_run + (count % run).div_ceil(per_row)
}

/// Which form of a gadget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// An operand.
    Input(u8),
    /// A readable form; 0 is the result.
    Output(u8),
}

/// All regions of a circuit, and the next free row of each column kind.
#[derive(Debug)]
pub(crate) struct Regions {
    pub lane_bits: u32,
    pub lanes: u16,
    pub regions: Vec<Region>,
    next_lane_row: u32,
    next_fixed_row: u32,
    /// First row after the right operands of all column kinds.
    next_evaluation_row: u32,
}

impl Regions {
    pub fn new(lane_bits: u32, lanes: u16, first_row: u32) -> Self {
        Regions {
            lane_bits,
            lanes,
            regions: vec![],
            next_lane_row: first_row,
            next_fixed_row: first_row,
            next_evaluation_row: first_row,
        }
    }

    /// Moves on to a row where a region may have runs: rows of the two column kinds overlap, and a row has one
    /// cell in the run column.
    pub fn start_evaluations(&mut self, column_kind: ColumnKind) {
        let free = self.next_evaluation_row;
        let next = self.next_row(column_kind);
        *next = free.max(*next);
    }

    /// Keeps the rows of a region for its runs.
    pub fn end_evaluations(&mut self, id: RegionId) {
        let region = self.region(id);
        self.next_evaluation_row = self.next_evaluation_row.max(region.first_row + region.rows());
    }

    fn next_row(&mut self, column_kind: ColumnKind) -> &mut u32 {
        match column_kind {
            ColumnKind::Lanes => &mut self.next_lane_row,
            ColumnKind::Fixed => &mut self.next_fixed_row,
        }
    }

    /// First row that no region uses.
    pub fn end(&self) -> u32 {
        self.next_lane_row.max(self.next_fixed_row)
    }

    /// Says that a region is the place of parameters.
    pub fn mark_params(&mut self, id: RegionId) {
        self.regions[id.0 as usize].params = true;
    }

    pub fn region(&self, id: RegionId) -> &Region {
        &self.regions[id.0 as usize]
    }

    /// Gadgets of this kind that fit a row; `None` if not even one does.
    pub fn per_row(&self, kind: &Gadget) -> Option<u32> {
        let layout = kind.layout(self.lane_bits);
        // One table lookup per row.
        let most = if layout.lookup.is_some() { 1 } else { u32::MAX };
        match u32::from(self.lanes / layout.width).min(most) {
            0 => None,
            n => Some(n),
        }
    }

    /// Places a region. `per_row` is at most what [`Regions::per_row`] says.
    pub fn place(
        &mut self,
        kind: Gadget,
        column_kind: ColumnKind,
        count: u32,
        run: u32,
        per_row: u32,
        args: Vec<ArgSource>,
    ) -> RegionId {
        let per_row = per_row.min(run).min(count).max(1);
        let rows = rows_needed(count, run, per_row);
        let next = self.next_row(column_kind);
        let first_row = *next;
        *next += rows;
        let id = RegionId(self.regions.len() as u32);
        let layout = kind.layout(self.lane_bits);
        self.regions.push(Region {
            kind,
            layout,
            column_kind,
            first_row,
            per_row,
            count,
            run,
            args,
            params: false,
        });
        id
    }
}
