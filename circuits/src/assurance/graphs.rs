//! Random graphs: all operations, on operands of many shapes, with any visibility.

use crate::{CircuitOptions, ParamVisibility, Visibility};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zkml_core::IntTensor;
use zkml_core::execute::{Trace, execute};
use zkml_core::graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port};
use zkml_core::ops::{
    ArgMax, Clip, Concat, Conv, Div, DivConst, Divisor, Gather, Input, LinComb, Lut, MatMul, Max,
    MaxSaturation, MaxWindows, Mul, Pad, Param, ReduceSum, Rescale, Reshape, Saturation, Shift, Slice,
    SumPool, Transpose, Window2d, infer_shape,
};

const LANE_BITS: u32 = 6;

fn window(r: &mut ChaCha8Rng) -> Window2d {
    let mut copy = |lo, hi| [r.gen_range(lo..hi), r.gen_range(lo..hi)];
    Window2d {
        kernel: copy(1, 3),
        strides: copy(1, 3),
        pads_begin: copy(0, 2),
        pads_end: copy(0, 2),
        dilations: copy(1, 3),
    }
}

/// No clamp, or one of values that lie up to two limbs outside.
fn saturation(r: &mut ChaCha8Rng) -> Option<Saturation> {
    r.gen_bool(0.5).then(|| Saturation {
        below: r.gen_range(0..3),
        above: r.gen_range(0..3),
    })
}

/// An operation and its number of inputs.
fn operation(r: &mut ChaCha8Rng) -> (Op, usize) {
    let limbs = r.gen_range(1..3);
    let shift = Shift::Uniform(r.gen_range(0..9));
    match r.gen_range(0..21) {
        0 => (Op::Reshape(Reshape), 1),
        1 => {
            let perms = [vec![1, 0], vec![0, 2, 3, 1], vec![0, 1, 3, 2]];
            (
                Op::Transpose(Transpose {
                    perm: perms.choose(r).unwrap().clone(),
                }),
                1,
            )
        }
        2 => (
            Op::Slice(Slice {
                starts: vec![1, 0],
                steps: vec![-1, 1],
            }),
            1,
        ),
        3 => (
            Op::Concat(Concat {
                axis: r.gen_range(0..2),
            }),
            2,
        ),
        4 => (
            Op::Pad(Pad {
                before: vec![r.gen_range(0..2), 0],
                after: vec![0, 1],
                value: r.gen_range(-9..9),
            }),
            1,
        ),
        5 => (
            Op::Gather(Gather {
                axis: r.gen_range(0..2),
                indices: vec![1, 0, 1],
            }),
            1,
        ),
        6 => (
            Op::LinComb(LinComb {
                coefficients: vec![r.gen_range(-4..5)],
                constant: r.gen_range(-9..9),
            }),
            1,
        ),
        7 => (
            Op::LinComb(LinComb {
                coefficients: vec![r.gen_range(-4..5), 3],
                constant: 0,
            }),
            2,
        ),
        8 => (
            Op::ReduceSum(ReduceSum {
                axes: vec![r.gen_range(0..2)],
            }),
            1,
        ),
        9 => (Op::SumPool(SumPool { window: window(r) }), 1),
        10 | 11 => (Op::MatMul(MatMul), 2),
        12 => (
            Op::Conv(Conv {
                window: Window2d {
                    kernel: [2, 2],
                    ..window(r)
                },
                groups: r.gen_range(1..3),
            }),
            2,
        ),
        13 => (
            Op::Rescale(Rescale {
                shift,
                limbs,
                relu: r.gen_bool(0.5),
                saturation: saturation(r),
            }),
            1,
        ),
        14 => {
            let pool = MaxWindows::Pool(window(r));
            let windows = if r.gen_bool(0.5) {
                pool
            } else {
                MaxWindows::Axis(r.gen_range(0..3))
            };
            (
                Op::Max(Max {
                    windows,
                    shift,
                    limbs,
                    relu: r.gen_bool(0.5),
                    saturation: saturation(r).map(|maximum| MaxSaturation {
                        maximum,
                        spread: r.gen_range(1..3),
                    }),
                }),
                1,
            )
        }
        15 => (
            Op::Clip(Clip {
                lo: r.gen_range(-30..0),
                hi: r.gen_range(0..30),
                limbs,
            }),
            1,
        ),
        16 => (
            Op::Mul(Mul {
                shift: r.gen_range(0..9),
                limbs,
                operand_limbs: [r.gen_range(1..3), r.gen_range(1..3)],
            }),
            2,
        ),
        17 => (
            Op::DivConst(DivConst {
                divisor: Divisor::Uniform(r.gen_range(1..9)),
                limbs,
            }),
            1,
        ),
        18 => (
            Op::Div(Div {
                shift: r.gen_range(0..4),
                limbs,
                operand_limbs: [r.gen_range(1..3), 1],
            }),
            2,
        ),
        19 => (
            Op::ArgMax(ArgMax {
                axis: r.gen_range(0..2),
                limbs,
            }),
            1,
        ),
        _ => {
            let (index_bits, fraction_bits) = (r.gen_range(1..5), r.gen_range(0..4));
            let mut numbers = || {
                (0..1 << index_bits)
                    .map(|_| r.gen_range(-15..16))
                    .collect::<Vec<i64>>()
            };
            let (values, slopes) = (numbers(), numbers());
            let slopes = if fraction_bits == 0 {
                vec![0; slopes.len()]
            } else {
                slopes
            };
            let lo = -(1 << (index_bits + fraction_bits - 1));
            (
                Op::Lut(Lut {
                    function: "f".into(),
                    lo,
                    index_bits,
                    fraction_bits,
                    values,
                    slopes,
                    limbs: 1,
                }),
                1,
            )
        }
    }
}

/// A graph with parameters, options and inputs that it can be executed on.
#[derive(Clone, Debug)]
pub struct RandomGraph {
    /// The graph: it has outputs, all of which are materialised.
    pub graph: Graph,
    /// Its parameters.
    pub params: Params,
    /// Random visibility of inputs and parameters.
    pub options: CircuitOptions,
    /// Values of each input, row-major.
    pub inputs: Vec<Vec<i64>>,
}

impl RandomGraph {
    /// The graph with this seed; `None` where no operation that was drawn has a result.
    pub fn new(seed: u64) -> Option<Self> {
        let mut r = ChaCha8Rng::seed_from_u64(seed);
        let mut g = Self::sources(&mut r);
        for _ in 0..r.gen_range(4..14) {
            let (op, arity) = operation(&mut r);
            let picks: Vec<NodeId> = (0..arity).map(|_| g.pick(&mut r)).collect();
            g.try_push(op, &picks);
        }
        (!g.graph.outputs.is_empty()).then_some(g)
    }

    /// A graph of inputs and parameters alone.
    fn sources(r: &mut ChaCha8Rng) -> Self {
        let mut g = RandomGraph {
            graph: Graph {
                lane_bits: LANE_BITS,
                nodes: vec![],
                params: vec![],
                inputs: vec![],
                outputs: vec![],
            },
            params: Params::default(),
            options: options(r),
            inputs: vec![],
        };
        for shape in [&[2, 2][..], &[1, 2, 3, 4]] {
            let node = g.push(Op::Input(Input { limbs: 1 }), &[], shape.to_vec());
            g.graph.inputs.push(port(node));
            g.inputs.push(integers(r, shape, 20));
        }
        for shape in [&[2, 2][..], &[2, 3], &[2, 1, 2, 2], &[2, 2, 2, 2]] {
            let param = ParamId(g.graph.params.len() as u32);
            g.graph.params.push(ParamSpec {
                name: format!("param_{}", param.0),
                shape: shape.to_vec(),
                limbs: 1,
            });
            g.params.tensors.push(integers(r, shape, 9));
            g.push(Op::Param(Param { param }), &[], shape.to_vec());
        }
        g
    }

    /// The values of all nodes.
    ///
    /// # Errors
    /// [`zkml_core::Error`]: none for a graph that [`RandomGraph::new`] returns.
    pub fn execute(&self) -> zkml_core::Result<Trace> {
        let shape = |port: &Port| self.graph.node(port.node).shape.clone();
        let inputs = self.graph.inputs.iter().zip(&self.inputs);
        let inputs: Vec<IntTensor> = inputs
            .map(|(port, values)| IntTensor::new(shape(port), values.clone()))
            .collect::<zkml_core::Result<_>>()?;
        execute(&self.graph, &self.params, &inputs)
    }

    fn pick(&self, r: &mut ChaCha8Rng) -> NodeId {
        NodeId(r.gen_range(0..self.graph.nodes.len() as u32))
    }

    fn push(&mut self, op: Op, inputs: &[NodeId], shape: Vec<usize>) -> NodeId {
        let id = NodeId(self.graph.nodes.len() as u32);
        self.graph.nodes.push(Node {
            name: format!("{}_{}", op.name(), id.0),
            op,
            inputs: inputs.to_vec(),
            shape,
            scale: 0,
        });
        id
    }

    /// Adds an operation if it fits its operands. What it materialises is an output; a step that leaves a range, or
    /// that circuits do not express, is taken back.
    fn try_push(&mut self, op: Op, picks: &[NodeId]) {
        let shapes: Vec<&[usize]> = picks.iter().map(|p| &self.graph.node(*p).shape[..]).collect();
        let declared = match op {
            Op::Reshape(_) => vec![shapes[0].iter().product()],
            _ => vec![],
        };
        let Ok(shape) = infer_shape(&op, &shapes, &declared) else {
            return;
        };
        let before = self.graph.nodes.len();
        let linear = op.is_linear();
        let node = self.push(op, picks, shape);
        if linear {
            return;
        }
        self.graph.outputs.push(port(node));
        if self.execute().is_err() {
            self.graph.outputs.pop();
            self.graph.nodes.truncate(before);
        }
    }
}

fn port(node: NodeId) -> Port {
    Port {
        name: format!("port_{}", node.0),
        node,
        labels: vec![],
    }
}

fn integers(r: &mut ChaCha8Rng, shape: &[usize], most: i64) -> Vec<i64> {
    let count: usize = shape.iter().product();
    (0..count).map(|_| r.gen_range(-most..=most)).collect()
}

fn options(r: &mut ChaCha8Rng) -> CircuitOptions {
    let inputs = [Visibility::Public, Visibility::Private, Visibility::Hashed];
    let params = [
        ParamVisibility::Private,
        ParamVisibility::Public,
        ParamVisibility::Fixed,
        ParamVisibility::Hashed,
        ParamVisibility::Committed,
    ];
    CircuitOptions {
        inputs: inputs[r.gen_range(0..inputs.len())],
        params: params[r.gen_range(0..params.len())],
        ..CircuitOptions::default()
    }
}
