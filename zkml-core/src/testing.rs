//! Graphs for tests.

use crate::graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Port};
use crate::ops::{Input, Param};

/// Builds a graph node by node.
pub struct GraphBuilder {
    pub graph: Graph,
}

impl GraphBuilder {
    pub fn new(lane_bits: u32) -> Self {
        GraphBuilder {
            graph: Graph {
                lane_bits,
                nodes: vec![],
                params: vec![],
                inputs: vec![],
                outputs: vec![],
            },
        }
    }

    /// A node named after its position.
    pub fn node(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let id = self.graph.nodes.len() as u32;
        let (inputs, shape) = (inputs.to_vec(), shape.to_vec());
        self.graph.nodes.push(Node {
            name: format!("node {id}"),
            op,
            inputs,
            shape,
            scale: 0,
        });
        NodeId(id)
    }

    pub fn input(&mut self, shape: &[usize], limbs: u8) -> NodeId {
        let node = self.node(Op::Input(Input { limbs }), &[], shape);
        let name = format!("input {}", self.graph.inputs.len());
        self.graph.inputs.push(Port {
            name,
            node,
            labels: vec![],
        });
        node
    }

    pub fn param(&mut self, shape: &[usize], limbs: u8) -> NodeId {
        let param = ParamId(self.graph.params.len() as u32);
        self.graph.params.push(ParamSpec {
            name: format!("param {}", param.0),
            shape: shape.to_vec(),
            limbs,
        });
        self.node(Op::Param(Param { param }), &[], shape)
    }

    pub fn output(&mut self, node: NodeId) {
        let name = format!("output {}", self.graph.outputs.len());
        self.graph.outputs.push(Port {
            name,
            node,
            labels: vec![],
        });
    }
}
