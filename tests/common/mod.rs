//! A small model that several tests share.

// Each test uses a part.
#![allow(dead_code)]

use ndarray::ArrayD;
use zkml::{CircuitOptions, CompiledModel, FloatTensor, ParamVisibility, Visibility};
use zkml_core::graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port, Shift};

/// `relu(x w)` for `x` of two numbers and `y` of three, with class labels.
pub fn graph() -> (Graph, Params) {
    let node = |name: &str, op, inputs: &[u32], shape: &[usize], scale| Node {
        name: name.to_owned(),
        op,
        inputs: inputs.iter().copied().map(NodeId).collect(),
        shape: shape.to_vec(),
        scale,
    };
    let dense = Op::Rescale {
        shift: Shift::Uniform(4),
        limbs: 1,
        relu: true,
    };
    let graph = Graph {
        lane_bits: 8,
        nodes: vec![
            node("x", Op::Input { limbs: 1 }, &[], &[1, 2], 4),
            node("w", Op::Param { param: ParamId(0) }, &[], &[2, 3], 4),
            node("product", Op::MatMul, &[0, 1], &[1, 3], 8),
            node("dense", dense, &[2], &[1, 3], 4),
        ],
        params: vec![ParamSpec {
            name: "w".to_owned(),
            shape: vec![2, 3],
            limbs: 1,
        }],
        inputs: vec![Port {
            name: "x".to_owned(),
            node: NodeId(0),
            labels: Vec::new(),
        }],
        outputs: vec![Port {
            name: "y".to_owned(),
            node: NodeId(3),
            labels: ["ant", "bee", "cat"].map(str::to_owned).to_vec(),
        }],
    };
    (
        graph,
        Params {
            tensors: vec![vec![16, 32, -16, 8, 8, 8]],
        },
    )
}

/// The model with these visibilities of inputs, outputs and parameters.
pub fn model(inputs: Visibility, outputs: Visibility, params: ParamVisibility) -> CompiledModel {
    let (graph, values) = graph();
    let options = CircuitOptions {
        inputs,
        outputs,
        params,
        ..CircuitOptions::default()
    };
    CompiledModel::from_graph(graph, values, options).unwrap()
}

/// The model with a private input, public output and private parameters.
pub fn default_model() -> CompiledModel {
    model(Visibility::Private, Visibility::Public, ParamVisibility::Private)
}

/// An input of the model.
pub fn input(values: [f32; 2]) -> Vec<FloatTensor> {
    vec![ArrayD::from_shape_vec(vec![1, 2], values.to_vec()).unwrap()]
}
