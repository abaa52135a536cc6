//! Where units stand: blocks of equal units on consecutive rows.

use crate::conv_geometry::ConvGeometry;
use crate::form::{CellRef, LinForm};
use crate::gadget::{Gadget, GadgetLayout};

/// Index of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BlockId(pub u32);

/// Which columns a block's cells are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bank {
    /// Lanes: phase-1 advice.
    Lanes,
    /// Fixed lanes.
    Fixed,
}

/// Where the arguments of a block's units come from when a witness is made.
#[derive(Clone, Debug)]
pub(crate) enum ArgSource {
    /// Element `i` of a node's value for unit `i`.
    Node(u32),
    /// Element `map[i]` of a node's value.
    NodeMap(u32, std::sync::Arc<Vec<u32>>),
    /// Element `map[i]` of a parameter tensor.
    Param(u32, std::sync::Arc<Vec<u32>>),
    /// The same number for all units.
    Constant(i64),
    /// One number for each unit.
    Constants(std::sync::Arc<Vec<i64>>),
    /// Result of unit `map[i]` of an earlier block.
    Block(BlockId, std::sync::Arc<Vec<u32>>),
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

/// Units of one kind on consecutive rows.
///
/// Units are numbered in runs of `run`; each run starts on a new row.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub kind: Gadget,
    pub layout: GadgetLayout,
    pub bank: Bank,
    pub first_row: u32,
    pub per_row: u32,
    pub count: u32,
    pub run: u32,
    pub args: Vec<ArgSource>,
    /// Whether the block is the place of parameters.
    pub params: bool,
}

impl Block {
    /// Rows of a run.
    pub fn rows_per_run(&self) -> u32 {
        self.run.div_ceil(self.per_row)
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        rows_needed(self.count, self.run, self.per_row)
    }

    /// Row and slot of unit `i`.
    pub fn place(&self, i: u32) -> (u32, u32) {
        let (r, j) = (i / self.run, i % self.run);
        (
            self.first_row + r * self.rows_per_run() + j / self.per_row,
            j % self.per_row,
        )
    }

    /// The units on the block's `row`-th row.
    pub fn units_on(&self, row: u32) -> std::ops::Range<u32> {
        let (r, c) = (row / self.rows_per_run(), row % self.rows_per_run());
        let first = r * self.run + c * self.per_row;
        let end = (r * self.run + ((c + 1) * self.per_row).min(self.run)).min(self.count);
        first.min(end)..end
    }

    /// The lane of a cell of the unit in a slot.
    pub fn lane(&self, slot: u32, cell: usize) -> usize {
        slot as usize * usize::from(self.layout.width) + cell
    }

    /// A form of the unit in a slot.
    pub fn form(&self, role: Role, slot: u32) -> LinForm {
        let form = match role {
            Role::Input(i) => &self.layout.inputs[usize::from(i)],
            Role::Output(i) => &self.layout.outputs[usize::from(i)],
        };
        let mut form = form.shifted(self.layout.width * slot as u16);
        if self.bank == Bank::Fixed {
            for t in &mut form.terms {
                if let CellRef::Lane(l) = t.0 {
                    t.0 = CellRef::Fixed(l);
                }
            }
        }
        form
    }
}

/// Rows of `count` units in runs.
pub(crate) fn rows_needed(count: u32, run: u32, per_row: u32) -> u32 {
    let per_run = run.div_ceil(per_row);
    (count / run) * per_run + (count % run).div_ceil(per_row)
}

/// Which form of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// An operand.
    Input(u8),
    /// A readable form; 0 is the result.
    Output(u8),
}

/// All blocks of a circuit, and the next free row of each bank.
#[derive(Debug)]
pub(crate) struct Arena {
    pub lane_bits: u32,
    pub lanes: u16,
    pub blocks: Vec<Block>,
    next_lane_row: u32,
    next_fixed_row: u32,
    /// First row after the right operands of all banks.
    next_run_row: u32,
}

impl Arena {
    pub fn new(lane_bits: u32, lanes: u16, first_row: u32) -> Self {
        Arena {
            lane_bits,
            lanes,
            blocks: vec![],
            next_lane_row: first_row,
            next_fixed_row: first_row,
            next_run_row: first_row,
        }
    }

    /// Moves on to a row where a block may have runs: rows of the two banks overlap, and a row has one
    /// cell in the run column.
    pub fn start_runs(&mut self, bank: Bank) {
        let free = self.next_run_row;
        let next = self.next_row(bank);
        *next = free.max(*next);
    }

    /// Keeps the rows of a block for its runs.
    pub fn end_runs(&mut self, id: BlockId) {
        let block = self.block(id);
        self.next_run_row = self.next_run_row.max(block.first_row + block.rows());
    }

    fn next_row(&mut self, bank: Bank) -> &mut u32 {
        match bank {
            Bank::Lanes => &mut self.next_lane_row,
            Bank::Fixed => &mut self.next_fixed_row,
        }
    }

    /// First row that no block uses.
    pub fn end(&self) -> u32 {
        self.next_lane_row.max(self.next_fixed_row)
    }

    /// Says that a block is the place of parameters.
    pub fn mark_params(&mut self, id: BlockId) {
        self.blocks[id.0 as usize].params = true;
    }

    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.0 as usize]
    }

    /// Units of this kind that fit a row; `None` if not even one does.
    pub fn per_row(&self, kind: &Gadget) -> Option<u32> {
        let layout = kind.layout(self.lane_bits);
        // One table lookup per row.
        let most = if layout.lookup.is_some() { 1 } else { u32::MAX };
        match u32::from(self.lanes / layout.width).min(most) {
            0 => None,
            n => Some(n),
        }
    }

    /// Places a block. `per_row` is at most what [`Arena::per_row`] says.
    pub fn place(
        &mut self,
        kind: Gadget,
        bank: Bank,
        count: u32,
        run: u32,
        per_row: u32,
        args: Vec<ArgSource>,
    ) -> BlockId {
        let per_row = per_row.min(run).min(count).max(1);
        let rows = rows_needed(count, run, per_row);
        let next = self.next_row(bank);
        let first_row = *next;
        *next += rows;
        let id = BlockId(self.blocks.len() as u32);
        let layout = kind.layout(self.lane_bits);
        self.blocks.push(Block {
            kind,
            layout,
            bank,
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
