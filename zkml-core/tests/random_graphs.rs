//! Graphs made at random: whatever a file contains, validation answers without a panic; and what
//! it accepts executes without a panic, within the bounds that it derives.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    strategy::{Union, ValueTree},
    test_runner::{Config, TestRunner},
};
use std::collections::BTreeSet;
use zkml_core::{
    bounds::bounds,
    error::Error,
    execute::execute,
    graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port},
    ops::{
        ArgMax, Broadcast, Clip, Concat, Conv, Div, DivConst, Divisor, Gather, Input, Kind, LinComb, Lut,
        MatMul, Max, MaxSaturation, MaxWindows, Mul, Pad, Param, ReduceSum, Rescale, Reshape, Saturation,
        Shift, Slice, SumPool, Transpose, Window2d, infer_shape, reduction_map, view_map,
    },
    reach::{escapes, ranges},
    tensor::IntTensor,
};

/// Numbers of this kind: small ones, and for wild graphs now and then an extreme one.
fn number(wild: bool, small: std::ops::Range<i64>) -> BoxedStrategy<i64> {
    if wild {
        prop_oneof![
            12 => small,
            1 => prop::sample::select(vec![0, 17, 63, 64, 255, 1 << 14, 1 << 28, 1 << 62, i64::MAX, -1, i64::MIN]),
        ]
        .boxed()
    } else {
        small.boxed()
    }
}

fn window(wild: bool) -> impl Strategy<Value = Window2d> {
    let pair = move |small: std::ops::Range<i64>| {
        [number(wild, small.clone()), number(wild, small)].prop_map(|pair| pair.map(|n| n as usize))
    };
    (pair(1..3), pair(1..3), pair(0..2), pair(0..2), pair(1..3)).prop_map(
        |(kernel, strides, pads_begin, pads_end, dilations)| Window2d {
            kernel,
            strides,
            pads_begin,
            pads_end,
            dilations,
        },
    )
}

fn op(wild: bool) -> impl Strategy<Value = Op> {
    let n = move |small| number(wild, small);
    let size = move |small| number(wild, small).prop_map(|n| n as usize);
    let limbs = move || number(wild, 1..3).prop_map(|n| n as u8);
    let width = move |small| number(wild, small).prop_map(|n| n as u32);
    let shift = move || {
        prop_oneof![
            width(0..9).prop_map(Shift::Uniform),
            (size(0..2), vec(width(0..9), 1..3)).prop_map(|(axis, shifts)| Shift::PerAxis { axis, shifts }),
        ]
    };
    let saturation = move || {
        [number(wild, 0..3), number(wild, 0..3)].prop_map(|excess| {
            let [below, above] = excess.map(|n| n as u8);
            Saturation { below, above }
        })
    };
    let windows = prop_oneof![
        window(wild).prop_map(MaxWindows::Pool),
        size(0..2).prop_map(MaxWindows::Axis)
    ];
    let table = (
        n(-300..1),
        width(1..5),
        width(0..6),
        vec(n(-60..60), 16),
        vec(n(-60..60), 16),
        limbs(),
    )
        .prop_map(|(lo, index_bits, fraction_bits, mut values, mut slopes, limbs)| {
            let segments = 1usize.checked_shl(index_bits).unwrap_or(0).min(16);
            values.truncate(segments);
            slopes.truncate(segments);
            Lut {
                function: "f".into(),
                lo,
                index_bits,
                fraction_bits,
                values,
                slopes,
                limbs,
            }
        });
    let divisor = prop_oneof![
        width(1..9).prop_map(Divisor::Uniform),
        vec(width(1..9), 1..5).prop_map(Divisor::PerElement)
    ];
    Union::new([
        limbs().prop_map(|limbs| Op::Input(Input { limbs })).boxed(),
        n(0..3)
            .prop_map(|param| {
                Op::Param(Param {
                    param: ParamId(param as u32),
                })
            })
            .boxed(),
        Just(Op::Reshape(Reshape)).boxed(),
        Just(Op::Transpose(Transpose { perm: vec![1, 0] })).boxed(),
        vec(size(0..4), 0..5)
            .prop_map(|perm| Op::Transpose(Transpose { perm }))
            .boxed(),
        (vec(size(0..2), 2), vec(n(-2..3), 2))
            .prop_map(|(starts, steps)| Op::Slice(Slice { starts, steps }))
            .boxed(),
        size(0..3).prop_map(|axis| Op::Concat(Concat { axis })).boxed(),
        (vec(size(0..3), 2), vec(size(0..3), 2), n(-9..9))
            .prop_map(|(before, after, value)| Op::Pad(Pad { before, after, value }))
            .boxed(),
        Just(Op::Broadcast(Broadcast)).boxed(),
        (size(0..2), vec(size(0..3), 0..4))
            .prop_map(|(axis, indices)| Op::Gather(Gather { axis, indices }))
            .boxed(),
        (vec(n(-9..9), 1..3), n(-9..9))
            .prop_map(|(coefficients, constant)| {
                Op::LinComb(LinComb {
                    coefficients,
                    constant,
                })
            })
            .boxed(),
        vec(size(0..3), 0..3)
            .prop_map(|axes| Op::ReduceSum(ReduceSum { axes }))
            .boxed(),
        window(wild).prop_map(|window| SumPool { window }.into()).boxed(),
        Just(Op::MatMul(MatMul)).boxed(),
        (window(wild), size(1..3))
            .prop_map(|(window, groups)| Op::Conv(Conv { window, groups }))
            .boxed(),
        (shift(), limbs(), any::<bool>(), option::of(saturation()))
            .prop_map(|(shift, limbs, relu, saturation)| {
                Op::Rescale(Rescale {
                    shift,
                    limbs,
                    relu,
                    saturation,
                })
            })
            .boxed(),
        (
            windows,
            shift(),
            limbs(),
            any::<bool>(),
            option::of((saturation(), limbs())),
        )
            .prop_map(|(windows, shift, limbs, relu, saturation)| {
                Op::Max(Max {
                    windows,
                    shift,
                    limbs,
                    relu,
                    saturation: saturation.map(|(maximum, spread)| MaxSaturation { maximum, spread }),
                })
            })
            .boxed(),
        (n(-50..0), n(0..50), limbs())
            .prop_map(|(lo, hi, limbs)| Op::Clip(Clip { lo, hi, limbs }))
            .boxed(),
        (width(0..9), limbs(), [limbs(), limbs()])
            .prop_map(|(shift, limbs, operand_limbs)| {
                Op::Mul(Mul {
                    shift,
                    limbs,
                    operand_limbs,
                })
            })
            .boxed(),
        (divisor, limbs())
            .prop_map(|(divisor, limbs)| Op::DivConst(DivConst { divisor, limbs }))
            .boxed(),
        (width(0..9), limbs(), [limbs(), limbs()])
            .prop_map(|(shift, limbs, operand_limbs)| {
                Op::Div(Div {
                    shift,
                    limbs,
                    operand_limbs,
                })
            })
            .boxed(),
        table.prop_map(Op::Lut).boxed(),
        (size(0..2), limbs())
            .prop_map(|(axis, limbs)| Op::ArgMax(ArgMax { axis, limbs }))
            .boxed(),
    ])
}

/// An operation, which inputs it reads, and the shape that it declares.
fn step(wild: bool) -> impl Strategy<Value = (Op, Vec<u32>, Vec<usize>)> {
    let length = number(wild, 1..4).prop_map(|n| n as usize);
    (
        op(wild),
        vec(any::<u32>(), 2),
        vec(length, if wild { 0..5 } else { 2..3 }),
    )
}

/// Appends a node. Most nodes of wild graphs and all of others have the shape that they must have;
/// `None` if there is none.
fn push(
    graph: &mut Graph,
    (op, picks, declared): (Op, Vec<u32>, Vec<usize>),
    keep_malformed: bool,
) -> Option<()> {
    let count = graph.nodes.len() as u32;
    let arity = match &op {
        Op::Input(_) | Op::Param(_) => 0,
        Op::MatMul(_) | Op::Conv(_) | Op::Mul(_) | Op::Div(_) | Op::Concat(_) => 2,
        Op::LinComb(LinComb { coefficients, .. }) => coefficients.len(),
        _ => 1,
    };
    let inputs: Vec<NodeId> = picks
        .iter()
        .take(arity)
        .map(|pick| NodeId(pick % count.max(1)))
        .collect();
    let shapes: Option<Vec<&[usize]>> = inputs
        .iter()
        .map(|id| graph.nodes.get(id.index()).map(|node| &node.shape[..]))
        .collect();
    let inferred = shapes.and_then(|shapes| infer_shape(&op, &shapes, &declared).ok());
    let mut shape = match inferred {
        Some(shape) => shape,
        None if keep_malformed => declared,
        None => return None,
    };
    let id = NodeId(count);
    match &op {
        Op::Input(_) => graph.inputs.push(Port {
            name: format!("x{count}"),
            node: id,
            labels: vec![],
        }),
        Op::Param(Param { param }) => match graph.params.get(param.index()) {
            Some(spec) => shape.clone_from(&spec.shape),
            None if keep_malformed => {}
            None => return None,
        },
        _ => {}
    }
    let is_output = !op.is_linear() && !matches!(op, Op::Param(_));
    graph.nodes.push(Node {
        name: format!("n{count}"),
        op,
        inputs,
        shape,
        scale: 0,
    });
    if is_output {
        graph.outputs = vec![Port {
            name: "y".into(),
            node: id,
            labels: vec![],
        }];
    }
    Some(())
}

fn graph(wild: bool) -> impl Strategy<Value = Graph> {
    let lane_bits = number(wild, 7..10).prop_map(|n| n as u32);
    (
        lane_bits,
        vec(step(wild), 1..24),
        prop::bool::weighted(if wild { 0.3 } else { 0.0 }),
    )
        .prop_map(|(lane_bits, steps, keep_malformed)| {
            let spec = |name: &str, shape: &[usize]| ParamSpec {
                name: name.into(),
                shape: shape.to_vec(),
                limbs: 1,
            };
            let params = vec![spec("w", &[2, 2]), spec("v", &[1, 3]), spec("k", &[2, 1, 2, 2])];
            let mut graph = Graph {
                lane_bits,
                nodes: vec![],
                params,
                inputs: vec![],
                outputs: vec![],
            };
            let sources = [
                (Op::Input(Input { limbs: 1 }), vec![], vec![2, 2]),
                (Op::Param(Param { param: ParamId(2) }), vec![], vec![]),
                (Op::Input(Input { limbs: 1 }), vec![], vec![1, 2, 3, 4]),
            ];
            for step in sources.into_iter().chain(steps) {
                let _ = push(&mut graph, step, keep_malformed);
            }
            graph
        })
}

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn validation_never_panics(graph in graph(true)) {
        let accepted = graph.validate().is_ok();
        prop_assert_eq!(accepted, bounds(&graph).is_ok());
    }

    #[test]
    fn index_maps_never_panic(op in op(true), shape in vec(number(true, 1..4), 0..5), out in vec(number(true, 1..4), 0..5)) {
        let [shape, out] = [shape, out].map(|shape| shape.into_iter().map(|n| n as usize).collect::<Vec<_>>());
        // Large tensors are lawful; the test has no room for their maps.
        let small = |shape: &[usize]| {
            shape.iter().try_fold(1usize, |n, &length| n.checked_mul(length)).is_none_or(|n| n < 1 << 16)
        };
        if !(small(&shape) && small(&out)) {
            return Ok(());
        }
        let _ = view_map(&op, &[&shape], &out);
        let sets = match &op {
            Op::Max(max) => Some(max.windows.sets()),
            Op::ArgMax(arg_max) => Some(arg_max.sets()),
            op => match op.kind() {
                Kind::Sum(sets) => Some(sets),
                _ => None,
            },
        };
        if let Some(sets) = sets && infer_shape(&op, &[&shape], &out).is_ok_and(|inferred| inferred == out) {
            let _ = reduction_map(op.name(), sets, &shape, out.iter().product());
        }
    }
}

#[test]
fn accepted_graphs_execute_within_their_bounds() {
    let mut runner = TestRunner::deterministic();
    let strategy = (graph(false), vec(-40i64..40, 64));
    let (mut completed, mut executed) = (0, BTreeSet::new());
    for _ in 0..1000 {
        let (graph, pool) = strategy.new_tree(&mut runner).unwrap().current();
        let Ok(bounds) = bounds(&graph) else { continue };
        let mut values = pool.iter().cycle().copied();
        let mut take = |shape: &[usize]| values.by_ref().take(shape.iter().product()).collect::<Vec<i64>>();
        let params = Params {
            tensors: graph.params.iter().map(|spec| take(&spec.shape)).collect(),
        };
        let inputs: Vec<IntTensor> = graph
            .inputs
            .iter()
            .map(|port| {
                let shape = &graph.node(port.node).shape;
                IntTensor::new(shape.clone(), take(shape)).unwrap()
            })
            .collect();
        let Ok(trace) = execute(&graph, &params, &inputs) else {
            continue;
        };
        completed += 1;
        executed.extend(graph.nodes.iter().map(|node| node.op.name()));
        for ((node, tensor), (lo, hi)) in graph.nodes.iter().zip(&trace.values).zip(bounds) {
            assert_eq!(tensor.shape(), node.shape);
            let outside = tensor.data().iter().find(|value| !(lo..=hi).contains(value));
            assert_eq!(outside, None, "{node:?} has the bounds [{lo}, {hi}]");
        }
    }
    assert!(completed >= 100, "only {completed} graphs executed");
    assert_eq!(executed.len(), 22, "only these operations executed: {executed:?}");
}

/// Whatever the input: values lie in the intervals that [`ranges`] gives them, and what is out of range is among what
/// [`escapes`] lists.
#[test]
fn no_input_leaves_the_ranges_that_are_reached() {
    let mut runner = TestRunner::deterministic();
    let strategy = (graph(false), vec(-40i64..40, 64), vec(vec(any::<i64>(), 64), 8));
    let (mut executed, mut refused, mut total) = (BTreeSet::new(), BTreeSet::new(), 0);
    for _ in 0..1500 {
        let (graph, pool, inputs) = strategy.new_tree(&mut runner).unwrap().current();
        let mut values = pool.iter().cycle().copied();
        let params = Params {
            tensors: graph
                .params
                .iter()
                .map(|spec| values.by_ref().take(spec.shape.iter().product()).collect())
                .collect(),
        };
        let Ok(ranges) = ranges(&graph, &params) else {
            continue;
        };
        let escapes = escapes(&graph, &params).unwrap();
        total += usize::from(escapes.is_empty());
        for (run, pool) in inputs.iter().enumerate() {
            let mut values = pool.iter().cycle().copied();
            let mut tensor = |port: &Port| {
                let node = graph.node(port.node);
                let Op::Input(Input { limbs }) = node.op else {
                    unreachable!()
                };
                let (lo, hi) = graph.signed_range(limbs);
                // Ends of the range in some runs, anything in others.
                let element = |x: i64| match run % 2 {
                    0 if x < 0 => lo,
                    0 => hi,
                    _ => lo + x.rem_euclid(hi - lo + 1),
                };
                let data = values
                    .by_ref()
                    .take(node.shape.iter().product())
                    .map(element)
                    .collect();
                IntTensor::new(node.shape.clone(), data).unwrap()
            };
            let inputs: Vec<IntTensor> = graph.inputs.iter().map(&mut tensor).collect();
            match execute(&graph, &params, &inputs) {
                Ok(trace) => {
                    executed.extend(graph.nodes.iter().map(|node| node.op.name()));
                    for (node, (value, (lo, hi))) in graph.nodes.iter().zip(trace.values.iter().zip(&ranges))
                    {
                        let inside = |(x, (lo, hi)): (&i64, (&i64, &i64))| lo <= x && x <= hi;
                        let mut elements = value.data().iter().zip(lo.data().iter().zip(hi.data()));
                        assert!(elements.all(inside), "{node:?} leaves what it reaches: {value:?}");
                    }
                }
                Err(Error::OutOfRange(found)) => {
                    refused.insert(found.op);
                    let same = |quantity: &str| quantity == found.quantity;
                    assert!(
                        escapes
                            .iter()
                            .any(|escape| escape.op == found.op && same(escape.quantity)),
                        "expected {found:?} among {escapes:?}"
                    );
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(executed.len(), 22, "{executed:?}");
    assert_eq!(refused.len(), 8, "{refused:?}");
    assert!(total > 100, "only {total} graphs without escapes");
}
