//! The integer graph: the architecture of a quantised network.
//!
//! A [`Graph`] is public: it holds shapes, scales, shifts and function tables, but no
//! weights. Those are in [`Params`], which a prover keeps and a verifier never sees.
//!
//! Every node has one output tensor of integers. A tensor with scale `s` stands for the
//! real numbers `q * 2^-s`. Nodes come in topological order: the inputs of a node have
//! smaller ids.
//!
//! Two kinds of operations:
//!
//! * *linear* operations ([`Op::is_linear`]) are exact and have no range of their own: their
//!   results are 64-bit accumulators, and in a circuit they cost nothing but the equation
//!   that states them;
//! * *materialising* operations produce tensors whose elements are proven to lie in a range
//!   of whole limbs of [`Graph::lane_bits`] bits: `limbs = L` means `[-2^(L b - 1), 2^(L b - 1))`
//!   for signed results and `[0, 2^(L b))` for unsigned ones. A value outside is an error
//!   of the executor and unprovable in the circuit.
//!
//! The semantics of each operation is its file in [`crate::ops`]; circuits equal it bit for bit.

pub use crate::ops::{Op, ParamId};

use crate::ops::{Input, Param};
use serde::{Deserialize, Serialize};

/// Index of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The id as an index into [`Graph::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One operation and its output tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Where the node comes from, for messages: the name of the ONNX node or tensor.
    pub name: String,
    /// The operation.
    pub op: Op,
    /// The nodes whose outputs it reads.
    pub inputs: Vec<NodeId>,
    /// Shape of the output. A scalar has the shape `[]`.
    pub shape: Vec<usize>,
    /// Scale of the output: an integer `q` stands for `q * 2^-scale`.
    pub scale: i32,
}

impl Node {
    /// Number of elements of the output.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the output has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A named tensor at the border of the graph: an input or an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Name in the ONNX file.
    pub name: String,
    /// The node: an [`Op::Input`] for inputs; a materialising node for outputs.
    pub node: NodeId,
    /// Class labels by index along the last axis, if the model has them (outputs only).
    pub labels: Vec<String>,
}

/// Shape and range of a parameter tensor; its values are in [`Params`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamSpec {
    /// Name in the ONNX file, or of the node that it was folded from.
    pub name: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Width: every value lies in `[-2^(limbs * lane_bits - 1), 2^(limbs * lane_bits - 1))`.
    pub limbs: u8,
}

impl ParamSpec {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The architecture of a quantised network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    /// Width `b` of a limb in bits, 4 to 16: the circuit range-checks against one table of `2^b` values.
    pub lane_bits: u32,
    /// Operations in topological order.
    pub nodes: Vec<Node>,
    /// The parameter tensors that [`Op::Param`] names.
    pub params: Vec<ParamSpec>,
    /// Inputs in the model's order.
    pub inputs: Vec<Port>,
    /// Outputs in the model's order. Two outputs may name the same node.
    pub outputs: Vec<Port>,
}

impl Graph {
    /// Width of an input or a parameter; none for other nodes.
    pub(crate) fn source_limbs(&self, node: &Node) -> Option<u8> {
        match node.op {
            Op::Input(Input { limbs }) => Some(limbs),
            Op::Param(Param { param }) => Some(self.params[param.index()].limbs),
            _ => None,
        }
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// Smallest and largest value of a signed tensor of `limbs` limbs.
    pub fn signed_range(&self, limbs: u8) -> (i64, i64) {
        let half = 1i64 << (u32::from(limbs) * self.lane_bits - 1);
        (-half, half - 1)
    }

    /// Smallest and largest value of an unsigned tensor of `limbs` limbs.
    pub fn unsigned_range(&self, limbs: u8) -> (i64, i64) {
        (0, (1i64 << (u32::from(limbs) * self.lane_bits)) - 1)
    }
}

/// Values of the parameter tensors, row-major, in the order of [`Graph::params`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// One vector per parameter tensor.
    pub tensors: Vec<Vec<i64>>,
}
