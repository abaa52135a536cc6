//! Every operation: the circuit accepts what the executor computes.

mod common;

use common::{Builder, mock, noise, prove};
use zkml_circuits::{CircuitOptions, CompiledCircuit, Error};
use zkml_core::graph::Op;
use zkml_core::ops::{
    ArgMax, Broadcast, Clip, Concat, Conv, Div, DivConst, Divisor, Gather, LinComb, Lut, MatMul, Max,
    MaxSaturation, MaxWindows, Mul, Pad, ReduceSum, Rescale, Reshape, Saturation, Shift, Slice, SumPool,
    Transpose, Window2d,
};

fn window(kernel: usize, stride: usize, pad: usize) -> Window2d {
    Window2d {
        kernel: [kernel; 2],
        strides: [stride; 2],
        pads_begin: [pad; 2],
        pads_end: [pad; 2],
        dilations: [1; 2],
    }
}

fn accepts(b: &Builder, inputs: &[Vec<i64>]) {
    let (compiled, circuit) = b.circuit(&CircuitOptions::default(), inputs);
    mock(&circuit, compiled.k()).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn dense_layer_with_rectifier() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[1, 7]);
    let w = b.param(1, &[7, 5], noise(1, 35, -128, 127));
    let bias = b.param(2, &[5], noise(2, 5, -3000, 3000));
    let y = b.node(Op::MatMul(MatMul), &[x, w], &[1, 5]);
    let bias = b.node(Op::Broadcast(Broadcast), &[bias], &[1, 5]);
    let y = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1, 1],
            constant: 3,
        }),
        &[y, bias],
        &[1, 5],
    );
    let y = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(9),
            limbs: 1,
            relu: true,
            saturation: None,
        }),
        &[y],
        &[1, 5],
    );
    b.output(y);
    let inputs = [noise(3, 7, -128, 127)];
    accepts(&b, &inputs);
    let (compiled, circuit) = b.circuit(&CircuitOptions::default(), &inputs);
    let mut instances = circuit.instances();
    assert!(prove(&compiled, &circuit, &instances).0);
    instances[0][2] += halo2_proofs::halo2curves::bn256::Fr::from(1);
    assert!(!prove(&compiled, &circuit, &instances).0);
}

/// The first largest of two numbers times a power of two: the largest has cells of its own.
fn largest_of_wide(power: u32) -> Builder {
    let mut b = Builder::new(12);
    let x = b.input(2, &[1, 2]);
    let wide = Op::LinComb(LinComb {
        coefficients: vec![1 << power],
        constant: 0,
    });
    let wide = b.node(wide, &[x], &[1, 2]);
    let index = b.node(Op::ArgMax(ArgMax { axis: 1, limbs: 1 }), &[wide], &[1, 1]);
    b.output(index);
    b
}

#[test]
fn cells_of_their_own_hold_every_value_that_a_node_can_have() {
    // From -2^59 on: 60 bits with the sign.
    let b = largest_of_wide(36);
    for x in [-(1 << 23), (1 << 23) - 1, 0] {
        accepts(&b, &[vec![x, x]]);
    }
    let b = largest_of_wide(37);
    let refused = CompiledCircuit::new(&b.graph, Some(&b.params), &CircuitOptions::default());
    match refused.map(|_| ()) {
        Err(Error::TooWide { node, bits, most, .. }) => {
            assert_eq!((node.as_str(), bits, most), ("LinComb_1", 61, 60));
        }
        other => panic!("expected values that are too wide, found {other:?}"),
    }
}

/// As many different rows of weights as there are rows: with any number of elements per row.
#[test]
fn dense_layer_with_a_shift_for_each_channel() {
    const CHANNELS: usize = 90;
    let mut b = Builder::new(8);
    let x = b.input(1, &[1, 5]);
    let w = b.param(1, &[5, CHANNELS], noise(1, 5 * CHANNELS, -128, 127));
    let y = b.node(Op::MatMul(MatMul), &[x, w], &[1, CHANNELS]);
    let shift = Shift::PerAxis {
        axis: 1,
        shifts: noise(2, CHANNELS, 9, 15).into_iter().map(|s| s as u32).collect(),
    };
    let rescale = Op::Rescale(Rescale {
        shift,
        limbs: 1,
        relu: true,
        saturation: None,
    });
    let y = b.node(rescale, &[y], &[1, CHANNELS]);
    b.output(y);
    let inputs = [noise(3, 5, -128, 127)];
    for lanes in [6, 12, 24, 60] {
        let options = CircuitOptions::default();
        let compiled = CompiledCircuit::with_layout(&b.graph, Some(&b.params), &options, (lanes, 1)).unwrap();
        mock(&b.fill(&compiled, &inputs), compiled.k()).unwrap_or_else(|e| panic!("{lanes} lanes: {e}"));
    }
}

#[test]
fn batched_products_of_activations() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[2, 3, 4]);
    let z = b.input(1, &[2, 4, 5]);
    let y = b.node(Op::MatMul(MatMul), &[x, z], &[2, 3, 5]);
    let y = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(10),
            limbs: 1,
            relu: false,
            saturation: None,
        }),
        &[y],
        &[2, 3, 5],
    );
    b.output(y);
    accepts(&b, &[noise(1, 24, -128, 127), noise(2, 40, -128, 127)]);
}

#[test]
fn convolutions() {
    for (kernel, stride, pad, groups, batch) in
        [(3, 1, 1, 1, 1), (3, 2, 1, 1, 2), (1, 1, 0, 1, 1), (3, 1, 0, 2, 1)]
    {
        let mut b = Builder::new(8);
        let x = b.input(1, &[batch, 4, 6, 6]);
        let out = (6 + 2 * pad - kernel) / stride + 1;
        let w = b.param(
            1,
            &[6, 4 / groups, kernel, kernel],
            noise(1, 24 / groups * kernel * kernel, -20, 20),
        );
        let shape = [batch, 6, out, out];
        let y = b.node(
            Op::Conv(Conv {
                window: window(kernel, stride, pad),
                groups,
            }),
            &[x, w],
            &shape,
        );
        let shift = Shift::PerAxis {
            axis: 1,
            shifts: vec![7, 8, 6, 7, 9, 8],
        };
        let y = b.node(
            Op::Rescale(Rescale {
                shift,
                limbs: 2,
                relu: true,
                saturation: None,
            }),
            &[y],
            &shape,
        );
        let shift = Shift::Uniform(0);
        let y = b.node(
            Op::Rescale(Rescale {
                shift,
                limbs: 2,
                relu: false,
                saturation: None,
            }),
            &[y],
            &shape,
        );
        b.output(y);
        accepts(&b, &[noise(3, batch * 144, -128, 127)]);
    }
}

#[test]
fn convolution_with_pooling_and_a_border_left_out() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[1, 2, 7, 7]);
    let w = b.param(1, &[3, 2, 3, 3], noise(1, 54, -40, 40));
    let y = b.node(
        Op::Conv(Conv {
            window: window(3, 1, 1),
            groups: 1,
        }),
        &[x, w],
        &[1, 3, 7, 7],
    );
    let pool = Op::Max(Max {
        windows: MaxWindows::Pool(window(2, 2, 0)),
        shift: Shift::Uniform(9),
        limbs: 1,
        relu: true,
        saturation: None,
    });
    let y = b.node(pool, &[y], &[1, 3, 3, 3]);
    let w = b.param(1, &[2, 3, 3, 3], noise(5, 54, -40, 40));
    let y = b.node(
        Op::Conv(Conv {
            window: window(3, 1, 1),
            groups: 1,
        }),
        &[y, w],
        &[1, 2, 3, 3],
    );
    let y = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(10),
            limbs: 1,
            relu: false,
            saturation: None,
        }),
        &[y],
        &[1, 2, 3, 3],
    );
    b.output(y);
    accepts(&b, &[noise(3, 98, -128, 127)]);
}

#[test]
fn maxima_over_many_elements() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[1, 1, 6, 6]);
    let pool = |windows, relu| {
        Op::Max(Max {
            windows,
            shift: Shift::Uniform(0),
            limbs: 1,
            relu,
            saturation: None,
        })
    };
    let y = b.node(
        pool(MaxWindows::Pool(window(3, 1, 1)), false),
        &[x],
        &[1, 1, 6, 6],
    );
    b.output(y);
    let z = b.node(Op::Reshape(Reshape), &[x], &[2, 18]);
    let z = b.node(pool(MaxWindows::Axis(1), true), &[z], &[2, 1]);
    b.output(z);
    accepts(&b, &[noise(3, 36, -120, 120)]);
}

#[test]
fn elementwise_operations() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[3, 4]);
    let y = b.input(1, &[3, 4]);
    let product = b.node(
        Op::Mul(Mul {
            shift: 5,
            limbs: 2,
            operand_limbs: [1, 1],
        }),
        &[x, y],
        &[3, 4],
    );
    b.output(product);
    let clipped = b.node(
        Op::Clip(Clip {
            lo: -30,
            hi: 50,
            limbs: 1,
        }),
        &[x],
        &[3, 4],
    );
    b.output(clipped);
    let third = b.node(
        Op::DivConst(DivConst {
            divisor: Divisor::Uniform(3),
            limbs: 1,
        }),
        &[y],
        &[3, 4],
    );
    b.output(third);
    let divisors = vec![4, 6, 9, 4, 6, 9, 4, 6, 9, 4, 6, 9];
    let varied = b.node(
        Op::DivConst(DivConst {
            divisor: Divisor::PerElement(divisors),
            limbs: 1,
        }),
        &[y],
        &[3, 4],
    );
    b.output(varied);
    let positive = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(0),
            limbs: 1,
            relu: true,
            saturation: None,
        }),
        &[x],
        &[3, 4],
    );
    let denominator = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1],
            constant: 5,
        }),
        &[positive],
        &[3, 4],
    );
    let quotient = b.node(
        Op::Div(Div {
            shift: 4,
            limbs: 2,
            operand_limbs: [1, 2],
        }),
        &[positive, denominator],
        &[3, 4],
    );
    b.output(quotient);
    accepts(&b, &[noise(1, 12, -128, 127), noise(2, 12, -128, 127)]);
}

#[test]
fn functions_by_table() {
    for fraction_bits in [0, 3] {
        let mut b = Builder::new(8);
        let x = b.input(1, &[3, 4]);
        let clipped = b.node(
            Op::Clip(Clip {
                lo: -64,
                hi: 63,
                limbs: 1,
            }),
            &[x],
            &[3, 4],
        );
        let index_bits = 7 - fraction_bits;
        let table = |k: i64| Lut {
            function: "quadratic".into(),
            lo: -64,
            index_bits,
            fraction_bits,
            values: (0..1i64 << index_bits)
                .map(|i| (i * i * k / 7) % 90 - 20)
                .collect(),
            slopes: (0..1i64 << index_bits)
                .map(|i| if fraction_bits == 0 { 0 } else { (i * k) % 11 - 3 })
                .collect(),
            limbs: 1,
        };
        let y = b.node(Op::Lut(table(1)), &[clipped], &[3, 4]);
        b.output(y);
        let z = b.node(Op::Lut(table(2)), &[clipped], &[3, 4]);
        b.output(z);
        accepts(&b, &[noise(1, 12, -128, 127)]);
    }
}

#[test]
fn index_of_the_first_maximum() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[3, 4, 2]);
    let y = b.node(Op::ArgMax(ArgMax { axis: 1, limbs: 1 }), &[x], &[3, 1, 2]);
    b.output(y);
    let mut values = noise(1, 24, -60, 60);
    values[0] = 70;
    values[2] = 70;
    accepts(&b, &[values]);
}

#[test]
fn views_and_sums() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[2, 3, 4, 5]);
    let t = b.node(
        Op::Transpose(Transpose {
            perm: vec![0, 2, 3, 1],
        }),
        &[x],
        &[2, 4, 5, 3],
    );
    let t = b.node(
        Op::Slice(Slice {
            starts: vec![1, 3, 0, 2],
            steps: vec![1, -1, 2, -1],
        }),
        &[t],
        &[1, 4, 3, 3],
    );
    let t = b.node(
        Op::Pad(Pad {
            before: vec![0, 1, 0, 0],
            after: vec![0, 0, 0, 2],
            value: 7,
        }),
        &[t],
        &[1, 5, 3, 5],
    );
    let u = b.node(
        Op::Gather(Gather {
            axis: 1,
            indices: vec![2, 0, 2, 1, 2],
        }),
        &[x],
        &[2, 5, 4, 5],
    );
    let u = b.node(Op::ReduceSum(ReduceSum { axes: vec![0, 2] }), &[u], &[1, 5, 1, 5]);
    let u = b.node(Op::Broadcast(Broadcast), &[u], &[1, 5, 3, 5]);
    let s = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![-3, 2],
            constant: -11,
        }),
        &[t, u],
        &[1, 5, 3, 5],
    );
    let s = b.node(Op::Concat(Concat { axis: 3 }), &[s, t], &[1, 5, 3, 10]);
    let p = b.node(
        Op::SumPool(SumPool {
            window: window(2, 1, 1),
        }),
        &[s],
        &[1, 5, 4, 11],
    );
    let y = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(3),
            limbs: 2,
            relu: false,
            saturation: None,
        }),
        &[p],
        &[1, 5, 4, 11],
    );
    b.output(y);
    b.output(x);
    accepts(&b, &[noise(1, 120, -128, 127)]);
}

#[test]
fn batch_through_a_convolution_and_two_layers() {
    let mut b = Builder::new(8);
    let x = b.input(1, &[3, 1, 4, 4]);
    let w = b.param(1, &[2, 1, 3, 3], noise(1, 18, -40, 40));
    let y = b.node(
        Op::Conv(Conv {
            window: window(3, 1, 1),
            groups: 1,
        }),
        &[x, w],
        &[3, 2, 4, 4],
    );
    let bias = b.param(2, &[1, 2, 1, 1], vec![300, -200]);
    let bias = b.node(Op::Broadcast(Broadcast), &[bias], &[3, 2, 4, 4]);
    let y = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1, 1],
            constant: 0,
        }),
        &[y, bias],
        &[3, 2, 4, 4],
    );
    let pool = Op::Max(Max {
        windows: MaxWindows::Pool(window(2, 2, 0)),
        shift: Shift::Uniform(8),
        limbs: 1,
        relu: true,
        saturation: None,
    });
    let y = b.node(pool, &[y], &[3, 2, 2, 2]);
    let y = b.node(Op::Reshape(Reshape), &[y], &[3, 8]);
    let w = b.param(1, &[8, 5], noise(4, 40, -40, 40));
    let y = b.node(Op::MatMul(MatMul), &[y, w], &[3, 5]);
    let y = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(7),
            limbs: 1,
            relu: true,
            saturation: None,
        }),
        &[y],
        &[3, 5],
    );
    let w = b.param(1, &[5, 4], noise(5, 20, -40, 40));
    let y = b.node(Op::MatMul(MatMul), &[y, w], &[3, 4]);
    let y = b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(7),
            limbs: 1,
            relu: false,
            saturation: None,
        }),
        &[y],
        &[3, 4],
    );
    b.output(y);
    accepts(&b, &[noise(3, 48, -128, 127)]);
}

/// Clamps to one limb, with distances of no limb, one and two on either side, for shifts of several channels.
#[test]
fn clamped_values() {
    for (relu, below, above) in [
        (false, 1, 1),
        (false, 2, 0),
        (false, 0, 2),
        (true, 2, 2),
        (true, 0, 1),
        (true, 1, 0),
    ] {
        let mut b = Builder::new(8);
        let x = b.input(2, &[1, 3, 2]);
        let shift = Shift::PerAxis {
            axis: 1,
            shifts: vec![0, 3, 9],
        };
        let saturation = Some(Saturation { below, above });
        let clamp = Op::Rescale(Rescale {
            shift,
            limbs: 1,
            relu,
            saturation,
        });
        let y = b.node(clamp, &[x], &[1, 3, 2]);
        b.output(y);
        // As far as the distances reach, shift by shift.
        let lo = if relu { 0 } else { -128 } - ((1i64 << (8 * below)) - 1);
        let hi = if relu { 255 } else { 127 } + ((1i64 << (8 * above)) - 1);
        let at = |v: i64, shift: u32| (v << shift).clamp(-32_768, 32_767);
        let inputs = vec![at(lo, 0), at(hi, 0), at(lo, 3), at(hi, 3), at(lo, 9), at(hi, 9)];
        accepts(&b, &[inputs]);
    }
}

#[test]
fn clamped_maxima() {
    for (relu, windows, out) in [
        (true, MaxWindows::Pool(window(2, 2, 0)), vec![1, 1, 3, 3]),
        (false, MaxWindows::Pool(window(3, 1, 1)), vec![1, 1, 6, 6]),
        (true, MaxWindows::Axis(3), vec![1, 1, 6, 1]),
    ] {
        let mut b = Builder::new(8);
        let x = b.input(2, &[1, 1, 6, 6]);
        let maximum = Op::Max(Max {
            windows,
            shift: Shift::Uniform(3),
            limbs: 1,
            relu,
            saturation: Some(MaxSaturation {
                maximum: Saturation { below: 2, above: 2 },
                spread: 2,
            }),
        });
        let y = b.node(maximum, &[x], &out);
        b.output(y);
        accepts(&b, &[noise(7, 36, -32_768, 32_767)]);
        accepts(&b, &[noise(8, 36, -32_768, -2_000)]);
    }
}
