//! Simplification: constants are evaluated, and constant factors and terms move into the
//! weights and biases before them (batch normalisation after a convolution costs nothing).

use super::{FloatGraph, FloatId, FloatNode, FloatOp, FloatPort, FloatTensor, ops};
use crate::{
    error::Result,
    shape::{MAX_ELEMENTS, element_count},
};
use ndarray::IxDyn;
use std::sync::Arc;

/// Largest number of elements of a folded constant that is not smaller than what it came from.
const MAX_FOLDED: usize = MAX_ELEMENTS >> 6;

/// Most elementary steps that evaluating constants may take; what is left runs with the network.
const MAX_WORK: u128 = 1 << 30;

/// The simplified graph: the same function up to rounding, without nodes that no output needs.
///
/// # Errors
///
/// As [`FloatGraph::push`].
pub fn fold(graph: &FloatGraph) -> Result<FloatGraph> {
    let mut folder = Folder {
        uses: graph.uses(),
        graph: FloatGraph {
            labels: graph.labels.clone(),
            ..FloatGraph::default()
        },
        single: Vec::new(),
        budget: MAX_WORK,
    };
    let mut map: Vec<FloatId> = Vec::with_capacity(graph.nodes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        let inputs = node.inputs.iter().map(|id| map[id.0]).collect();
        let id = folder.simplify(node, inputs)?;
        // A node stands for itself where nothing else reads it.
        folder.single.resize(folder.graph.nodes.len(), true);
        folder.single[id.0] &= folder.uses[index] <= 1;
        map.push(id);
    }
    let port = |port: &FloatPort| FloatPort {
        name: port.name.clone(),
        node: map[port.node.0],
    };
    folder.graph.inputs = graph.inputs.iter().map(port).collect();
    folder.graph.outputs = graph.outputs.iter().map(port).collect();
    Ok(sweep(&folder.graph))
}

struct Folder {
    /// Uses of the nodes of the source graph.
    uses: Vec<usize>,
    /// The graph under construction.
    graph: FloatGraph,
    /// Which of its nodes have a single reader.
    single: Vec<bool>,
    /// Elementary steps left for evaluating constants.
    budget: u128,
}

impl Folder {
    fn simplify(&mut self, node: &FloatNode, inputs: Vec<FloatId>) -> Result<FloatId> {
        if let Some(value) = self.evaluate(node, &inputs) {
            return self.graph.constant(&node.name, value);
        }
        let constant = |folder: &Self, index: usize| {
            inputs
                .get(index)
                .and_then(|&id| folder.graph.constant_value(id))
                .cloned()
        };
        match (&node.op, constant(self, 0), constant(self, 1)) {
            (FloatOp::Add, None, Some(c)) => self.add(node, inputs[0], &c),
            (FloatOp::Add, Some(c), None) => self.add(node, inputs[1], &c),
            (FloatOp::Sub, None, Some(c)) => self.add(node, inputs[0], &c.mapv(|x| -x)),
            (FloatOp::Mul, None, Some(c)) => self.multiply(node, inputs[0], &c),
            (FloatOp::Mul, Some(c), None) => self.multiply(node, inputs[1], &c),
            (FloatOp::Reshape { shape }, ..) if *shape == self.graph.node(inputs[0]).shape => Ok(inputs[0]),
            (FloatOp::Broadcast { shape }, ..) if *shape == self.graph.node(inputs[0]).shape => Ok(inputs[0]),
            _ => self.graph.push(&node.name, node.op.clone(), inputs),
        }
    }

    /// The value of a node whose inputs are all constants.
    fn evaluate(&mut self, node: &FloatNode, inputs: &[FloatId]) -> Option<FloatTensor> {
        if inputs.is_empty() {
            return None;
        }
        let values: Option<Vec<&FloatTensor>> = inputs
            .iter()
            .map(|&id| self.graph.constant_value(id).map(|value| &**value))
            .collect();
        let values = values?;
        let largest = values.iter().map(|value| value.len()).max()?;
        let shapes: Vec<&[usize]> = values.iter().map(|value| value.shape()).collect();
        let budget = self
            .budget
            .checked_sub(ops::work(&node.op, &shapes, &node.shape))?;
        if node.len() > MAX_FOLDED.max(largest) {
            return None;
        }
        let result = ops::eval(&node.op, &values, &node.shape);
        self.budget = budget;
        Some(result)
    }

    fn is_single(&self, id: FloatId) -> bool {
        self.single.get(id.0).copied().unwrap_or(false)
    }

    /// The operands of `Add(x, constant)`, if `id` is one and nothing else reads it.
    fn biased(&self, id: FloatId) -> Option<(FloatId, Arc<FloatTensor>)> {
        let node = self.graph.node(id);
        if !matches!(node.op, FloatOp::Add) || !self.is_single(id) {
            return None;
        }
        let bias = self.graph.constant_value(node.inputs[1])?.clone();
        // A bias that widens the other operand cannot move.
        (self.graph.node(node.inputs[0]).shape == node.shape).then_some((node.inputs[0], bias))
    }

    /// `x + c`, where constant terms merge.
    fn add(&mut self, node: &FloatNode, x: FloatId, c: &FloatTensor) -> Result<FloatId> {
        if let Some((inner, bias)) = self.biased(x)
            && let Some(sum) = combine(&FloatOp::Add, &bias, c)
            && node.shape == self.graph.node(inner).shape
        {
            let name = self.graph.node(x).name.clone();
            let sum = self.graph.constant(&name, sum)?;
            return self.graph.push(&name, FloatOp::Add, vec![inner, sum]);
        }
        let c = self.graph.constant(&node.name, c.clone())?;
        self.graph.push(&node.name, FloatOp::Add, vec![x, c])
    }

    /// `x * c`, where the factor moves into the weights before it.
    fn multiply(&mut self, node: &FloatNode, x: FloatId, c: &FloatTensor) -> Result<FloatId> {
        if node.shape == self.graph.node(x).shape {
            if let Some((inner, bias)) = self.biased(x)
                && let (Some(product), Some(bias)) = (self.scale(inner, c)?, combine(&FloatOp::Mul, &bias, c))
            {
                let name = self.graph.node(x).name.clone();
                let bias = self.graph.constant(&name, bias)?;
                return self.graph.push(&name, FloatOp::Add, vec![product, bias]);
            }
            if let Some(product) = self.scale(x, c)? {
                return Ok(product);
            }
            let source = self.graph.node(x);
            if matches!(source.op, FloatOp::Mul) && self.is_single(x) && source.shape == node.shape {
                let (inner, other) = (source.inputs[0], source.inputs[1]);
                let product = self
                    .graph
                    .constant_value(other)
                    .and_then(|factor| combine(&FloatOp::Mul, factor, c));
                if let Some(product) = product {
                    let product = self.graph.constant(&node.name, product)?;
                    return self.graph.push(&node.name, FloatOp::Mul, vec![inner, product]);
                }
            }
        }
        let c = self.graph.constant(&node.name, c.clone())?;
        self.graph.push(&node.name, FloatOp::Mul, vec![x, c])
    }

    /// `x * c` as a product with scaled weights, if `x` is a product with constant weights that
    /// nothing else reads and `c` is a number or one factor for each output channel.
    fn scale(&mut self, x: FloatId, c: &FloatTensor) -> Result<Option<FloatId>> {
        let source = self.graph.node(x).clone();
        let (true, &[operand, weights]) = (self.is_single(x), &source.inputs[..]) else {
            return Ok(None);
        };
        let Some(weights) = self.graph.constant_value(weights).cloned() else {
            return Ok(None);
        };
        let (channel_axis, weight_axis) = match source.op {
            FloatOp::Conv { .. } => (1, 0),
            FloatOp::MatMul if weights.ndim() == 2 => (source.shape.len() - 1, 1),
            _ => return Ok(None),
        };
        let channels = source.shape[channel_axis];
        let from_end = source.shape.len() - channel_axis;
        let per_channel = c
            .shape()
            .iter()
            .rev()
            .enumerate()
            .all(|(i, &length)| length == 1 || (i + 1 == from_end && length == channels));
        if !per_channel {
            return Ok(None);
        }
        let mut factors_shape = vec![1; weights.ndim()];
        factors_shape[weight_axis] = c.len();
        let Ok(factors) = c.to_shape(IxDyn(&factors_shape)) else {
            return Ok(None);
        };
        let scaled = &*weights * &factors;
        let scaled = self.graph.constant(&source.name, scaled)?;
        let product = self
            .graph
            .push(&source.name, source.op.clone(), vec![operand, scaled])?;
        self.single.resize(self.graph.nodes.len(), true);
        Ok(Some(product))
    }
}

/// An elementwise operation on two constants, unless its result is large.
fn combine(op: &FloatOp, a: &FloatTensor, b: &FloatTensor) -> Option<FloatTensor> {
    let shape = ops::infer(op, &[a.shape(), b.shape()]).ok()?;
    let count = element_count(&shape)?;
    (count <= MAX_FOLDED.max(a.len()).max(b.len())).then(|| ops::eval(op, &[a, b], &shape))
}

/// The graph without nodes that no output needs; inputs stay.
fn sweep(graph: &FloatGraph) -> FloatGraph {
    let mut needed = vec![false; graph.nodes.len()];
    for port in graph.outputs.iter().chain(&graph.inputs) {
        needed[port.node.0] = true;
    }
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if needed[index] {
            for id in &node.inputs {
                needed[id.0] = true;
            }
        }
    }
    let mut map = vec![FloatId(0); graph.nodes.len()];
    let mut swept = FloatGraph {
        labels: graph.labels.clone(),
        ..FloatGraph::default()
    };
    for (index, node) in graph.nodes.iter().enumerate().filter(|(i, _)| needed[*i]) {
        map[index] = FloatId(swept.nodes.len());
        let mut node = node.clone();
        node.inputs = node.inputs.iter().map(|id| map[id.0]).collect();
        swept.nodes.push(node);
    }
    let port = |port: &FloatPort| FloatPort {
        name: port.name.clone(),
        node: map[port.node.0],
    };
    swept.inputs = graph.inputs.iter().map(port).collect();
    swept.outputs = graph.outputs.iter().map(port).collect();
    swept
}
