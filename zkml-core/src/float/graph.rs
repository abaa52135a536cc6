//! Nodes and their construction.

use super::{FloatOp, FloatTensor, ops};
use crate::{
    error::{Error, Result},
    shape::{MAX_ELEMENTS, MAX_RANK, element_count},
};
use std::sync::Arc;

/// Index of a node in [`FloatGraph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FloatId(pub usize);

/// One operation and its output tensor.
#[derive(Clone, Debug)]
pub struct FloatNode {
    /// Name of the ONNX node that it comes from.
    pub name: String,
    /// The operation.
    pub op: FloatOp,
    /// The nodes whose outputs it reads: smaller ids.
    pub inputs: Vec<FloatId>,
    /// Shape of the output.
    pub shape: Vec<usize>,
}

impl FloatNode {
    /// Number of elements of the output.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the output has no elements; never true for a node of a graph.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A named input or output.
#[derive(Clone, Debug)]
pub struct FloatPort {
    /// Name in the ONNX file.
    pub name: String,
    /// The node.
    pub node: FloatId,
}

/// A network of float operations in topological order.
#[derive(Clone, Debug, Default)]
pub struct FloatGraph {
    /// The operations.
    pub nodes: Vec<FloatNode>,
    /// Inputs in the model's order.
    pub inputs: Vec<FloatPort>,
    /// Outputs in the model's order.
    pub outputs: Vec<FloatPort>,
    /// Class labels by index along the last axis of the outputs; empty if the model has none.
    pub labels: Vec<String>,
}

impl FloatGraph {
    /// The node with this id.
    pub fn node(&self, id: FloatId) -> &FloatNode {
        &self.nodes[id.0]
    }

    /// Appends a node and computes its shape.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if the inputs do not fit the operation or the result exceeds the
    /// limits of [`crate::shape`].
    pub fn push(&mut self, name: &str, op: FloatOp, inputs: Vec<FloatId>) -> Result<FloatId> {
        let fail = |reason: String| Error::Model {
            node: name.to_string(),
            op: op.name().to_string(),
            reason,
        };
        let shapes: Vec<&[usize]> = inputs.iter().map(|&id| &self.node(id).shape[..]).collect();
        let shape = ops::infer(&op, &shapes).map_err(&fail)?;
        if element_count(&shape).is_none() {
            return Err(fail(format!(
                "the result has shape {shape:?}; tensors have at most {MAX_RANK} axes, no axis of length 0, \
                 and at most {MAX_ELEMENTS} elements"
            )));
        }
        self.nodes.push(FloatNode {
            name: name.to_string(),
            op,
            inputs,
            shape,
        });
        Ok(FloatId(self.nodes.len() - 1))
    }

    /// Appends a constant.
    ///
    /// # Errors
    ///
    /// As [`FloatGraph::push`].
    pub fn constant(&mut self, name: &str, value: FloatTensor) -> Result<FloatId> {
        self.push(name, FloatOp::Constant(Arc::new(value)), Vec::new())
    }

    /// The value of a constant node.
    pub fn constant_value(&self, id: FloatId) -> Option<&Arc<FloatTensor>> {
        match &self.node(id).op {
            FloatOp::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Roughly how many elementary steps a run takes.
    pub fn work(&self) -> u128 {
        let node = |node: &FloatNode| {
            let shapes: Vec<&[usize]> = node.inputs.iter().map(|&id| &self.node(id).shape[..]).collect();
            ops::work(&node.op, &shapes, &node.shape)
        };
        self.nodes.iter().map(node).fold(0, u128::saturating_add)
    }

    /// How many times each node is read, by nodes and as an output.
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        for id in self.nodes.iter().flat_map(|node| &node.inputs) {
            uses[id.0] += 1;
        }
        for port in &self.outputs {
            uses[port.node.0] += 1;
        }
        uses
    }
}
