//! In which order and in which runs the elements of a node stand, as their readers like it.

use super::value::Value;
use super::{Lowering, MAX_FORM_BITS, unsupported};
use crate::Error;
use crate::gadget::Gadget;
use crate::linear_constraint::Lin;
use crate::mono::Mono;
use crate::regions::{ArgSource, ColumnKind, RegionId, rows_needed};
use std::collections::HashSet;
use std::sync::Arc;
use zkml_core::graph::{Graph, NodeId, Op};

/// What the readers of a node need of the rows of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Nothing in particular.
    Any,
    /// A convolution: rows of cells do not cross rows of the image.
    Convolution,
    /// A matrix product with several rows on the left: a row of cells has one inner index.
    Product { rows: usize, inner: usize },
}

/// The readers of each node, directly or through padding and reshaping.
pub(super) fn readers(graph: &Graph) -> Vec<Readers> {
    let mut marks = vec![Readers::Any; graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        let Some(&first) = node.inputs.first() else {
            continue;
        };
        match node.op {
            Op::Conv(_) => marks[first.index()] = Readers::Convolution,
            Op::Pad(_) if marks[i] == Readers::Convolution => marks[first.index()] = Readers::Convolution,
            Op::MatMul(_) => {
                let inner = *graph.node(first).shape.last().unwrap_or(&1);
                let rows = graph.node(first).len() / inner.max(1);
                let one_right = graph.node(node.inputs[1]).shape.len() == 2;
                if rows > 1 && one_right && marks[first.index()] == Readers::Any {
                    marks[first.index()] = Readers::Product { rows, inner };
                }
            }
            Op::Reshape(_) if marks[first.index()] == Readers::Any => marks[first.index()] = marks[i],
            _ => {}
        }
    }
    marks
}

/// The order of a node's elements in its region.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Row-major.
    RowMajor,
    /// Gadget `i` is element `elements[i]`, in runs.
    Permuted { elements: Arc<Vec<u32>>, run: u32 },
}

impl Order {
    /// The element of a gadget.
    pub fn element(&self, gadget: u32) -> u32 {
        match self {
            Order::RowMajor => gadget,
            Order::Permuted { elements, .. } => elements[gadget as usize],
        }
    }

    /// The argument that reads a node of the same shape.
    pub fn arg(&self, node: NodeId) -> ArgSource {
        match self {
            Order::RowMajor => ArgSource::Node(node.0),
            Order::Permuted { elements, .. } => ArgSource::NodeMap(node.0, elements.clone()),
        }
    }

    /// The value of a node whose elements are a region's gadgets in this order.
    pub fn value(&self, region: RegionId) -> Value {
        match self {
            Order::RowMajor => Value::Region(region),
            Order::Permuted { elements, .. } => {
                let mut lins = vec![Lin::default(); elements.len()];
                for (gadget, &e) in elements.iter().enumerate() {
                    lins[e as usize] = Lin::element(region, gadget as u32);
                }
                Value::Lins(Arc::new(lins))
            }
        }
    }
}

impl Lowering<'_> {
    /// The order that the readers of a node like.
    pub(super) fn order(&self, id: u32) -> Order {
        match self.readers[id as usize] {
            Readers::Product { rows, inner } => {
                let (r, k) = (rows as u32, inner as u32);
                let elements = (0..r * k).map(|gadget| gadget % r * k + gadget / r).collect();
                Order::Permuted {
                    elements: Arc::new(elements),
                    run: r,
                }
            }
            Readers::Any | Readers::Convolution => Order::RowMajor,
        }
    }

    pub(super) fn per_row(&self, kind: &Gadget) -> Result<u32, Error> {
        let bits = kind.form_bits(self.regions.lane_bits);
        if bits > MAX_FORM_BITS {
            return Err(unsupported(format!(
                "values of {bits} bits with their shift, more than {MAX_FORM_BITS}; use fewer limbs or a smaller shift"
            )));
        }
        self.regions
            .per_row(kind)
            .ok_or_else(|| unsupported("its cells do not fit the lanes of a row"))
    }

    /// Places the region of a node, one gadget per element. `weights(e)` is the weight that the
    /// operand of element `e` must have in its linear constraint, if that is given.
    pub(super) fn place_node(
        &mut self,
        id: u32,
        kind: Gadget,
        order: &Order,
        weights: &dyn Fn(u32) -> Option<Mono>,
        args: Vec<ArgSource>,
    ) -> Result<RegionId, Error> {
        let count = self.graph.nodes[id as usize].len() as u32;
        let per_row = self.per_row(&kind)?;
        let run = self.run_of(id, order, per_row, weights);
        Ok(self
            .regions
            .place(kind, ColumnKind::Lanes, count, run, per_row, args))
    }

    /// The run length of a node's region with so many gadgets per row; `weights` as for [`Self::place_node`].
    pub(super) fn run_of(
        &self,
        id: u32,
        order: &Order,
        per_row: u32,
        weights: &dyn Fn(u32) -> Option<Mono>,
    ) -> u32 {
        match order {
            Order::Permuted { run, .. } => *run,
            Order::RowMajor => choose_run(
                &self.graph.nodes[id as usize].shape,
                per_row,
                self.readers[id as usize] == Readers::Convolution,
                weights,
            ),
        }
    }
}

/// Run length of a region: few rows, and rows whose weights have few patterns.
pub(super) fn choose_run(
    shape: &[usize],
    per_row: u32,
    image_rows: bool,
    weights: &dyn Fn(u32) -> Option<Mono>,
) -> u32 {
    const PATTERN_COST: usize = 40;
    const MOST_PATTERNS: usize = 8;
    let count: usize = shape.iter().product();
    let last = shape.last().copied().unwrap_or(1);
    if count == 0 {
        return 1;
    }
    let mut candidates = vec![count];
    let mut suffix = 1;
    for &d in shape.iter().rev() {
        suffix *= d;
        candidates.push(suffix);
    }
    if image_rows && 2 * last >= per_row as usize {
        candidates = vec![last];
    }
    candidates.sort_unstable();
    candidates.dedup();
    let cost = |run: usize| {
        let run = run as u32;
        let rows = rows_needed(count as u32, run, per_row) as usize;
        let patterns = count_patterns(count as u32, run, per_row, weights, MOST_PATTERNS + 1);
        if patterns > MOST_PATTERNS {
            usize::MAX
        } else {
            rows + PATTERN_COST * patterns
        }
    };
    candidates.into_iter().min_by_key(|&r| cost(r)).unwrap_or(count) as u32
}

/// Number of distinct relative weights of the rows of a region, counted up to `most`.
pub(super) fn count_patterns(
    count: u32,
    run: u32,
    per_row: u32,
    weights: &dyn Fn(u32) -> Option<Mono>,
    most: usize,
) -> usize {
    let mut seen: HashSet<Vec<Mono>> = HashSet::new();
    let mut lengths: HashSet<u32> = HashSet::new();
    let mut first = 0;
    while first < count {
        let in_run = run - first % run;
        let end = (first + per_row.min(in_run)).min(count);
        lengths.insert(end - first);
        if let Some(base) = (first..end).filter_map(weights).reduce(Mono::gcd) {
            seen.insert((first..end).filter_map(weights).map(|m| m.over(base)).collect());
        }
        if seen.len() >= most {
            return most;
        }
        first = end;
    }
    seen.len().max(lengths.len())
}
