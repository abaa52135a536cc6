//! The values that each tensor can take over all inputs in range, with known parameters.
//!
//! [`crate::bounds`] assumes that every parameter may be as large as its width, which is what a circuit proves of
//! it. A provider knows the parameters, and asks more: is there an input on which a value leaves the range that it
//! must lie in? Such an input is refused, and a refusal tells its sender about the parameters. Interval arithmetic,
//! element by element, answers "no" or "perhaps".

pub(crate) mod bilinear;
pub(crate) mod interval;
mod normalised;
pub(crate) mod outcome;

use crate::{
    error::Result,
    graph::{Graph, Node, NodeId, Params},
    ops::{Op, Param, range::Range},
    tensor::IntTensor,
};
use interval::Intervals;
use normalised::Attained;
use outcome::{Escaped, Outcome};

/// A quantity of a node that may leave its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escape {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its operation.
    pub op: &'static str,
    /// What the quantity is.
    pub quantity: &'static str,
    /// Smallest and largest value that it may take.
    pub reached: (i64, i64),
    /// The range that it must lie in.
    pub range: (i64, i64),
}

/// The quantities that may leave their range on some input in range; none if the model has an output for every one.
///
/// The inputs are all integers of their width. Intervals are sound and not exact: a quantity that is listed need not
/// leave its range, one that is not listed never does.
///
/// # Errors
///
/// Those of [`Graph::validate`] and [`Params::validate`].
pub fn escapes(graph: &Graph, params: &Params) -> Result<Vec<Escape>> {
    graph.validate()?;
    params.validate(graph)?;
    let mut reach = Reach::default();
    let mut escapes = Vec::new();
    let mut last_reader = vec![0; graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        node.inputs.iter().for_each(|id| last_reader[id.index()] = index);
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        escapes.extend(reach.push(graph, node, tensor(node, params).as_ref()));
        for id in &node.inputs {
            if last_reader[id.index()] == index {
                reach.forget(*id);
            }
        }
    }
    Ok(escapes)
}

/// Smallest and largest value of each element of each node, in the order of [`Graph::nodes`], over all inputs in
/// range that the model does not refuse.
///
/// # Errors
///
/// Those of [`escapes`].
pub fn ranges(graph: &Graph, params: &Params) -> Result<Vec<(IntTensor, IntTensor)>> {
    graph.validate()?;
    params.validate(graph)?;
    let mut reach = Reach::default();
    for node in &graph.nodes {
        reach.push(graph, node, tensor(node, params).as_ref());
    }
    let ends = |known: Known| (known.values.lo, known.values.hi);
    Ok(reach.nodes.into_iter().map(ends).collect())
}

/// The tensor of a parameter node.
fn tensor(node: &Node, params: &Params) -> Option<IntTensor> {
    match &node.op {
        Op::Param(Param { param }) => Some(IntTensor::of(&node.shape, params.tensors[param.index()].clone())),
        _ => None,
    }
}

/// The intervals of a graph's nodes, which are pushed in their order. The graph's [`crate::bounds`] must hold.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    nodes: Vec<Known>,
}

/// What is known of a node.
#[derive(Clone, Debug)]
struct Known {
    values: Intervals,
    attained: Option<Attained>,
}

impl Reach {
    /// Adds the next node, and lists its quantities that may leave their range. `param` is the tensor of an
    /// [`Op::Param`].
    pub(crate) fn push(&mut self, graph: &Graph, node: &Node, param: Option<&IntTensor>) -> Vec<Escape> {
        let id = NodeId(self.nodes.len() as u32);
        let mut outcome = self.outcome(graph, node, param);
        let attained = normalised::attained(graph, node, &self.nodes);
        normalised::tighten(graph, node, &self.nodes, &mut outcome);
        self.nodes.push(Known {
            values: outcome.values,
            attained,
        });
        let escape = |escaped: Escaped| Escape {
            node: id,
            name: node.name.clone(),
            op: node.op.name(),
            quantity: escaped.quantity,
            reached: escaped.reached,
            range: (escaped.range.lo, escaped.range.hi),
        };
        outcome.escaped.into_iter().map(escape).collect()
    }

    /// Whether a node that could come next has a quantity that may leave its range.
    #[cfg(feature = "import")]
    pub(crate) fn would_escape(&self, graph: &Graph, node: &Node) -> bool {
        !self.outcome(graph, node, None).escaped.is_empty()
    }

    /// The intervals of a product of a node and known weights.
    #[cfg(feature = "import")]
    pub(crate) fn product(&self, graph: &Graph, product: &Node, weights: &IntTensor) -> Intervals {
        let weights = Intervals::point(weights.clone());
        let inputs = [self.of(product.inputs[0]), &weights];
        product
            .op
            .operation()
            .reach(graph.lane_bits, &inputs, &product.shape)
            .values
    }

    /// The intervals of a node.
    pub(crate) fn of(&self, id: NodeId) -> &Intervals {
        &self.nodes[id.index()].values
    }

    fn outcome(&self, graph: &Graph, node: &Node, param: Option<&IntTensor>) -> Outcome {
        let source = graph.source_limbs(node).map(|limbs| match param {
            Some(values) => Intervals::point(values.clone()),
            None => Intervals::uniform(&node.shape, Range::signed_limbs(limbs, graph.lane_bits)),
        });
        let inputs: Vec<&Intervals> = match &source {
            Some(source) => vec![source],
            None => node.inputs.iter().map(|&id| self.of(id)).collect(),
        };
        node.op.operation().reach(graph.lane_bits, &inputs, &node.shape)
    }

    /// Frees the intervals of a node that no later node reads.
    fn forget(&mut self, id: NodeId) {
        self.nodes[id.index()].values = Intervals::default();
    }
}

#[cfg(test)]
mod tests;
