//! Random graphs: the circuit accepts exactly what the executor computes.

use super::common::samples::Sample;
use super::common::{Builder, noise};
use super::{CONSTRAINT_SUM, Forgery};
use crate::lower::lower;
use crate::{CircuitOptions, Error, ParamVisibility, Visibility};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use zkml_core::IntTensor;
use zkml_core::execute::execute;
use zkml_core::graph::{NodeId, Op};
use zkml_core::ops::{
    ArgMax, Clip, Concat, Conv, DivConst, Divisor, Gather, LinComb, Lut, MatMul, Max, MaxSaturation,
    MaxWindows, Mul, Pad, ReduceSum, Rescale, Reshape, Saturation, Shift, Slice, SumPool, Transpose,
    Window2d, infer_shape,
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
    match r.gen_range(0..20) {
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

fn graph(seed: u64) -> Sample {
    let mut r = ChaCha8Rng::seed_from_u64(seed);
    let mut b = Builder::new(LANE_BITS);
    let mut inputs = vec![];
    for shape in [&[2, 2][..], &[1, 2, 3, 4]] {
        b.input(1, shape);
        inputs.push(noise(r.gen_range(0..1 << 40), shape.iter().product(), -20, 20));
    }
    for shape in [&[2, 2][..], &[2, 3], &[2, 1, 2, 2], &[2, 2, 2, 2]] {
        b.param(
            1,
            shape,
            noise(r.gen_range(0..1 << 40), shape.iter().product(), -9, 9),
        );
    }
    for _ in 0..r.gen_range(4..14) {
        let (op, arity) = operation(&mut r);
        let nodes = b.graph.nodes.len() as u32;
        let picks: Vec<NodeId> = (0..arity).map(|_| NodeId(r.gen_range(0..nodes))).collect();
        let shapes: Vec<&[usize]> = picks.iter().map(|p| &b.graph.node(*p).shape[..]).collect();
        let declared = if op == Op::Reshape(Reshape) {
            vec![shapes[0].iter().product()]
        } else {
            vec![]
        };
        let Ok(shape) = infer_shape(&op, &shapes, &declared) else {
            continue;
        };
        let materialises = !op.is_linear();
        let before = b.clone();
        let node = b.node(op, &picks, &shape);
        if materialises {
            b.output(node);
            // A step that leaves a range, or that the circuits do not express, is taken back.
            let evaluations =
                b.graph.validate().is_ok() && execute(&b.graph, &b.params, &tensors(&b, &inputs)).is_ok();
            if !evaluations {
                b = before;
            }
        }
    }
    let options = CircuitOptions {
        inputs: *[Visibility::Public, Visibility::Private, Visibility::Hashed]
            .choose(&mut r)
            .unwrap(),
        params: *[
            ParamVisibility::Private,
            ParamVisibility::Public,
            ParamVisibility::Fixed,
            ParamVisibility::Hashed,
            ParamVisibility::Committed,
        ]
        .choose(&mut r)
        .unwrap(),
        ..CircuitOptions::default()
    };
    Sample {
        name: "random",
        builder: b,
        options,
        inputs,
    }
}

fn tensors(b: &Builder, inputs: &[Vec<i64>]) -> Vec<IntTensor> {
    let coefficient_columns = b.graph.inputs.iter().zip(inputs);
    coefficient_columns
        .map(|(p, x)| IntTensor::new(b.graph.node(p.node).shape.clone(), x.clone()).unwrap())
        .collect()
}

#[test]
fn circuits_accept_exactly_what_the_executor_computes() {
    let (mut proven, mut seen) = (0, BTreeSet::new());
    for seed in 0..150 {
        let sample = graph(seed);
        let Sample { builder, options, .. } = &sample;
        if builder.graph.outputs.is_empty() {
            continue;
        }
        match lower(&builder.graph, Some(&builder.params), options, 24) {
            Ok(lowered) => super::audit::audit(&lowered),
            Err(Error::Unsupported { .. }) => continue,
            Err(e) => panic!("seed {seed}: {e}"),
        }
        let honest = Forgery::with_lanes(&sample, 24);
        assert_eq!(honest.failures(), BTreeSet::new(), "seed {seed}");
        proven += 1;
        seen.extend(builder.graph.nodes.iter().map(|n| n.op.name()));
        for tensor in 0..honest.lowered.public.len() {
            let mut forged = honest.clone();
            let len = forged.lowered.public[tensor].len;
            forged.linear_constraint(tensor, seed as u32 % len, 1);
            forged.rejected_by(&[CONSTRAINT_SUM]);
        }
    }
    assert!(proven >= 40, "only {proven} graphs were compiled");
    assert!(seen.len() >= 18, "only these operations: {seen:?}");
}
