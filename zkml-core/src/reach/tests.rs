use super::*;
use crate::{
    ops::{
        Broadcast, Clip, Div, LinComb, Lut, MatMul, Max, MaxWindows, Mul, ReduceSum, Rescale, Reshape,
        Saturation, Shift,
    },
    testing::GraphBuilder,
};

fn params(tensors: &[&[i64]]) -> Params {
    Params {
        tensors: tensors.iter().map(|tensor| tensor.to_vec()).collect(),
    }
}

fn rescale(shift: u32, limbs: u8, relu: bool, saturation: Option<Saturation>) -> Op {
    Op::Rescale(Rescale {
        shift: Shift::Uniform(shift),
        limbs,
        relu,
        saturation,
    })
}

/// `[1, 2] x [2, 2]` and a rescale of the product.
fn dense(rescale: Op) -> (Graph, NodeId) {
    let mut builder = GraphBuilder::new(8);
    let x = builder.input(&[1, 2], 1);
    let w = builder.param(&[2, 2], 1);
    let product = builder.node(Op::MatMul(MatMul), &[x, w], &[1, 2]);
    let out = builder.node(rescale, &[product], &[1, 2]);
    builder.output(out);
    (builder.graph, product)
}

#[test]
fn products_with_known_weights_reach_exactly_their_ends() {
    let (graph, product) = dense(rescale(0, 2, false, None));
    let params = params(&[&[3, -1, 2, 5]]);
    let (lo, hi) = &ranges(&graph, &params).unwrap()[product.index()];
    // Columns (3, 2) and (-1, 5), inputs in [-128, 127].
    assert_eq!(lo.data(), [-128 * 5, -127 - 128 * 5]);
    assert_eq!(hi.data(), [127 * 5, 128 + 127 * 5]);
}

#[test]
fn a_rescale_escapes_by_what_lies_outside() {
    // The product reaches 1,270 * 2^-2 = 318 and -320.
    let weights = params(&[&[6, 0, 4, 0]]);
    let (graph, _) = dense(rescale(2, 1, false, None));
    let found = escapes(&graph, &weights).unwrap();
    let [escape] = &found[..] else {
        panic!("expected one escape, found {found:?}")
    };
    assert_eq!((escape.reached, escape.range), ((-320, 318), (-128, 127)));
    let clamp = |below, above| rescale(2, 1, false, Some(Saturation { below, above }));
    for (op, takes_all) in [
        (clamp(1, 1), true),
        (clamp(1, 0), false),
        (clamp(0, 1), false),
        (rescale(2, 2, false, None), true),
        (rescale(2, 1, true, None), false),
        (rescale(2, 1, true, Some(Saturation { below: 2, above: 1 })), true),
    ] {
        let (graph, _) = dense(op.clone());
        assert_eq!(escapes(&graph, &weights).unwrap().is_empty(), takes_all, "{op:?}");
    }
}

#[test]
fn a_square_is_not_negative() {
    let mut builder = GraphBuilder::new(8);
    let x = builder.input(&[1], 1);
    let square = Op::Mul(Mul {
        shift: 0,
        limbs: 2,
        operand_limbs: [1, 1],
    });
    let square = builder.node(square, &[x, x], &[1]);
    let root = builder.node(rescale(7, 1, true, Some(Saturation::default())), &[square], &[1]);
    builder.output(root);
    assert_eq!(escapes(&builder.graph, &params(&[])).unwrap(), []);
    assert_eq!(ranges(&builder.graph, &params(&[])).unwrap()[1].0.data(), [0]);
}

#[test]
fn a_function_that_turns_reaches_all_of_its_values() {
    let mut builder = GraphBuilder::new(8);
    let x = builder.input(&[1], 1);
    let table = Lut {
        function: "tent".into(),
        lo: -128,
        index_bits: 1,
        fraction_bits: 7,
        values: vec![0, 100],
        slopes: vec![100, -100],
        limbs: 1,
    };
    let y = builder.node(Op::Lut(table), &[x], &[1]);
    builder.output(y);
    let (lo, hi) = &ranges(&builder.graph, &params(&[])).unwrap()[y.index()];
    assert_eq!((lo.data(), hi.data()), (&[0][..], &[100][..]));
}

/// `e^(x - max) / sum e^(x - max)`, with `first` as the exponential of 0.
fn softmax(first: i64) -> Graph {
    let mut builder = GraphBuilder::new(8);
    let x = builder.input(&[1, 3], 1);
    let max = Op::Max(Max {
        windows: MaxWindows::Axis(1),
        shift: Shift::Uniform(0),
        limbs: 1,
        relu: false,
        saturation: None,
    });
    let max = builder.node(max, &[x], &[1, 1]);
    let max = builder.node(Op::Broadcast(Broadcast), &[max], &[1, 3]);
    let distance = Op::LinComb(LinComb {
        coefficients: vec![1, -1],
        constant: 0,
    });
    let distance = builder.node(distance, &[max, x], &[1, 3]);
    let clip = Op::Clip(Clip {
        lo: 0,
        hi: 127,
        limbs: 1,
    });
    let clipped = builder.node(clip, &[distance], &[1, 3]);
    let exp = Lut {
        function: "exp".into(),
        lo: 0,
        index_bits: 1,
        fraction_bits: 6,
        values: vec![first, 0],
        slopes: vec![-first, 0],
        limbs: 1,
    };
    let exp = builder.node(Op::Lut(exp), &[clipped], &[1, 3]);
    let sum = builder.node(Op::ReduceSum(ReduceSum { axes: vec![1] }), &[exp], &[1, 1]);
    let sum = builder.node(rescale(0, 2, true, None), &[sum], &[1, 1]);
    let sum = builder.node(Op::Broadcast(Broadcast), &[sum], &[1, 3]);
    let share = Op::Div(Div {
        shift: 7,
        limbs: 1,
        operand_limbs: [1, 2],
    });
    let share = builder.node(share, &[exp, sum], &[1, 3]);
    builder.output(share);
    builder.graph
}

#[test]
fn a_softmax_refuses_nothing() {
    assert_eq!(escapes(&softmax(64), &params(&[])).unwrap(), []);
    let last = ranges(&softmax(64), &params(&[])).unwrap().pop().unwrap();
    assert_eq!((last.0.data(), last.1.data()), (&[0; 3][..], &[128; 3][..]));
}

#[test]
fn shares_of_a_sum_that_may_be_zero_escape() {
    let found = escapes(&softmax(0), &params(&[])).unwrap();
    assert!(
        found.iter().any(|escape| escape.quantity == "denominator"),
        "{found:?}"
    );
}

#[test]
fn sums_of_squares_are_not_negative() {
    let least = |same: bool| {
        let mut builder = GraphBuilder::new(8);
        let (x, y) = (builder.input(&[2, 3], 1), builder.input(&[2, 3], 1));
        let row = builder.node(Op::Reshape(Reshape), &[x], &[2, 1, 3]);
        let column = builder.node(Op::Reshape(Reshape), &[if same { x } else { y }], &[2, 3, 1]);
        let product = builder.node(Op::MatMul(MatMul), &[row, column], &[2, 1, 1]);
        let out = builder.node(rescale(8, 1, false, None), &[product], &[2, 1, 1]);
        builder.output(out);
        let ranges = ranges(&builder.graph, &params(&[])).unwrap();
        ranges[product.index()].0.data().to_vec()
    };
    assert_eq!(least(true), [0, 0]);
    assert!(least(false).iter().all(|&least| least < 0));
}
