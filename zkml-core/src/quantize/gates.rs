//! The kinds of gates that roundings take in a circuit, and their cells.

use crate::graph::{Graph, Node, Op};
use crate::ops::{Clamp, Saturation, Shift};
use std::collections::BTreeSet;

/// What the gate of a rounding depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    /// Elements that a maximum is taken over; none for a rescale.
    windows: Option<usize>,
    clamp: Clamp,
    /// Limbs of the distances within a window.
    spread: u8,
    /// Limbs of a remainder.
    remainder: u32,
}

impl Kind {
    fn of(graph: &Graph, node: &Node) -> Option<Self> {
        let limbs_of = |shift: &Shift| shift.largest().div_ceil(graph.lane_bits);
        match &node.op {
            Op::Rescale(rescale) => Some(Kind {
                windows: None,
                clamp: rescale.clamp(),
                spread: 0,
                remainder: limbs_of(&rescale.shift),
            }),
            Op::Max(max) => {
                let before = graph.node(*node.inputs.first()?).len();
                Some(Kind {
                    windows: Some(before / node.len().max(1)),
                    clamp: max.clamp(),
                    spread: max.spread(),
                    remainder: limbs_of(&max.shift),
                })
            }
            _ => None,
        }
    }

    /// Cells of the value before and after the clamp.
    fn clamp_cells(&self) -> u8 {
        let Clamp { limbs, relu, .. } = self.clamp;
        match self.clamp.saturation {
            Some(Saturation { below, above }) => limbs + below + above,
            None if relu => 2 * limbs,
            None => limbs,
        }
    }

    /// Cells of an element.
    fn cells(&self) -> usize {
        let each = usize::from(self.spread) + self.remainder as usize;
        usize::from(self.clamp_cells()) + self.windows.unwrap_or(1) * each
    }

    /// Terms of the constraints of an element and of its operands.
    fn terms(&self) -> usize {
        let product = |left: u8, right: u8| usize::from(left) + usize::from(right) + 2;
        let clamp = match self.clamp.saturation {
            Some(Saturation { below, above }) => [below, above]
                .into_iter()
                .filter(|&limbs| limbs > 0)
                .map(|limbs| product(limbs, self.clamp.limbs))
                .sum(),
            None if self.clamp.relu => product(self.clamp.limbs, self.clamp.limbs),
            None => 0,
        };
        let operand = usize::from(self.clamp_cells() + self.spread) + self.remainder as usize;
        let distances = self.windows.map_or(0, |n| n * (usize::from(self.spread) + 1));
        clamp + distances + self.windows.unwrap_or(1) * operand
    }
}

/// Gas of a gate beside its operations: the commitment to its selector and the evaluation.
const SELECTOR_GAS: f64 = 2_500.0;

/// Lanes of a circuit for contracts: a gate repeats for each element that fits them.
const LANES: f64 = 20.0;

/// Gas of a term of a gate.
const TERM_GAS: f64 = 85.0;

/// Gas of a lane: its part of a commitment and of a lookup, and its evaluation.
const LANE_GAS: f64 = 3_700.0;

/// What the roundings of a graph cost a contract, and how many cells its tensors take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gates {
    gas: f64,
    pub cells: usize,
}

impl Gates {
    pub fn of(graph: &Graph) -> Self {
        let mut kinds = BTreeSet::new();
        let mut cells = 0;
        for node in &graph.nodes {
            if let Some(kind) = Kind::of(graph, node) {
                cells += node.len() * kind.cells();
                kinds.insert(kind);
            } else if let Some(limbs) = graph.source_limbs(node) {
                cells += node.len() * usize::from(limbs);
            }
        }
        let gas = |kind: &Kind| SELECTOR_GAS + TERM_GAS * LANES * kind.terms() as f64 / kind.cells() as f64;
        Gates {
            gas: kinds.iter().map(gas).sum(),
            cells,
        }
    }

    /// An estimate of the gas of gates and lanes, where `cells` cells fill [`LANES`] lanes.
    pub fn gas(&self, cells: usize) -> f64 {
        self.gas + LANE_GAS * LANES * self.cells as f64 / cells.max(1) as f64
    }
}
