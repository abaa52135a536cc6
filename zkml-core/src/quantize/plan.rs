//! Which float nodes become one integer operation.

use crate::{
    float::{FloatGraph, FloatId, FloatNode, FloatOp, least},
    ops::Window2d,
};

/// How a max pooling is carried out.
#[derive(Clone, Debug)]
pub(super) struct Pooling {
    /// What is pooled: the input of the rectifier before the pooling, if there is one.
    pub source: FloatId,
    /// Whether the pooled values are rectified.
    pub relu: bool,
    /// The node whose value the result is: the pooling, or a rectifier after it.
    pub result: FloatId,
}

/// Uses and fusions of a float graph.
#[derive(Debug)]
pub(super) struct Plan {
    /// How often each node is read.
    pub uses: Vec<usize>,
    /// The last reader of each node.
    pub reader: Vec<Option<FloatId>>,
    /// A number that no value of each node is below.
    pub least: Vec<f64>,
    /// For each max pooling whose windows do not overlap.
    pub poolings: Vec<Option<Pooling>>,
    /// Rectifiers that are part of a pooling.
    pub absorbed: Vec<bool>,
}

impl Plan {
    pub(super) fn new(graph: &FloatGraph) -> Self {
        let uses = graph.uses();
        let count = graph.nodes.len();
        let mut plan = Plan {
            uses,
            reader: vec![None; count],
            least: least(graph),
            poolings: vec![None; count],
            absorbed: vec![false; count],
        };
        for (index, node) in graph.nodes.iter().enumerate() {
            for input in &node.inputs {
                plan.reader[input.0] = Some(FloatId(index));
            }
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            if let FloatOp::MaxPool { window } = &node.op
                && !overlaps(window)
            {
                let pooling = plan.pooling(graph, FloatId(index), node);
                plan.poolings[index] = Some(pooling);
            }
        }
        plan
    }

    /// The maximum commutes with the rectifier, so that one on either side joins the pooling.
    fn pooling(&mut self, graph: &FloatGraph, id: FloatId, node: &FloatNode) -> Pooling {
        let is_relu = |id: FloatId| matches!(graph.node(id).op, FloatOp::Relu);
        let input = node.inputs[0];
        let mut pooling = Pooling {
            source: input,
            relu: false,
            result: id,
        };
        if is_relu(input) && self.uses[input.0] == 1 {
            self.absorbed[input.0] = true;
            pooling.source = graph.node(input).inputs[0];
            pooling.relu = true;
        }
        if let Some(reader) = self.single_reader(id).filter(|&reader| is_relu(reader)) {
            pooling.relu = true;
            pooling.result = reader;
        }
        pooling
    }

    /// The only reader of a node, if it has exactly one.
    pub(super) fn single_reader(&self, id: FloatId) -> Option<FloatId> {
        self.reader[id.0].filter(|_| self.uses[id.0] == 1)
    }
}

/// Whether neighbouring windows share elements.
fn overlaps(window: &Window2d) -> bool {
    (0..2).any(|axis| window.strides[axis] < (window.kernel[axis] - 1) * window.dilations[axis] + 1)
}
