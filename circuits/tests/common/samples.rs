//! Small graphs that together have every gadget, every linear constraint and every visibility.

use super::{Builder, noise};
use zkml_circuits::{CircuitOptions, ParamVisibility, Visibility};
use zkml_core::graph::{NodeId, Op};
use zkml_core::ops::{
    ArgMax, Broadcast, Clip, Concat, Conv, Div, DivConst, Divisor, Gather, LinComb, Lut, MatMul, Max,
    MaxSaturation, MaxWindows, Mul, Pad, ReduceSum, Rescale, Reshape, Saturation, Shift, SumPool, Transpose,
    Window2d,
};

/// Width of the lanes of all samples: small tables make small circuits.
const LANE_BITS: u32 = 5;

/// A graph with inputs.
#[derive(Clone)]
pub struct Sample {
    pub name: &'static str,
    pub builder: Builder,
    pub options: CircuitOptions,
    pub inputs: Vec<Vec<i64>>,
}

/// All samples.
pub fn all() -> Vec<Sample> {
    vec![
        dense_row(),
        dense_batch(),
        convolution(),
        pooled_convolution(),
        dynamic_products(),
        arg_max(),
        functions(),
        elementwise(),
        divisors_by_element(),
        views(),
        large_maxima(),
        halves(),
        saturated(),
        all_public(),
        fixed_parameters(),
        hashed(),
        hashed_copy(),
        hashed_everything(),
        committed(),
        committed_convolution(),
    ]
}

/// The sample with this name.
pub fn named(name: &str) -> Sample {
    all()
        .into_iter()
        .find(|s| s.name == name)
        .expect("a sample of this name")
}

pub fn window(kernel: usize, stride: usize, pad: usize) -> Window2d {
    Window2d {
        kernel: [kernel; 2],
        strides: [stride; 2],
        pads_begin: [pad; 2],
        pads_end: [pad; 2],
        dilations: [1; 2],
    }
}

fn sample(name: &'static str, builder: Builder, inputs: Vec<Vec<i64>>) -> Sample {
    Sample {
        name,
        builder,
        options: CircuitOptions::default(),
        inputs,
    }
}

fn small(seed: u64, n: usize) -> Vec<i64> {
    noise(seed, n, -15, 15)
}

fn rescale(b: &mut Builder, x: NodeId, shift: u32, relu: bool) -> NodeId {
    let shape = b.graph.node(x).shape.clone();
    b.node(
        Op::Rescale(Rescale {
            shift: Shift::Uniform(shift),
            limbs: 2,
            relu,
            saturation: None,
        }),
        &[x],
        &shape,
    )
}

/// Pair cells, a bias, shifts by channel, the rectifier.
fn dense_row() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 6]);
    let w = b.param(1, &[6, 4], small(1, 24));
    let bias = b.param(2, &[4], noise(2, 4, -200, 200));
    let y = b.node(Op::MatMul(MatMul), &[x, w], &[1, 4]);
    let bias = b.node(Op::Broadcast(Broadcast), &[bias], &[1, 4]);
    let y = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1, 1],
            constant: 3,
        }),
        &[y, bias],
        &[1, 4],
    );
    let shift = Shift::PerAxis {
        axis: 1,
        shifts: vec![4, 5, 6, 5],
    };
    let y = b.node(
        Op::Rescale(Rescale {
            shift,
            limbs: 2,
            relu: true,
            saturation: None,
        }),
        &[y],
        &[1, 4],
    );
    b.output(y);
    sample("dense_row", b, vec![vec![9, -14, 3, 12, -7, 5]])
}

/// Runs, and cells in the order that a product likes.
fn dense_batch() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[3, 4]);
    let w = b.param(1, &[4, 3], small(3, 12));
    let y = b.node(Op::MatMul(MatMul), &[x, w], &[3, 3]);
    let y = rescale(&mut b, y, 3, false);
    let w = b.param(1, &[3, 2], small(4, 6));
    let y = b.node(Op::MatMul(MatMul), &[y, w], &[3, 2]);
    let y = rescale(&mut b, y, 5, false);
    b.output(y);
    sample("dense_batch", b, vec![small(5, 12)])
}

/// Groups, stride, padding, a batch: spare cells and kernel rows.
fn convolution() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[2, 2, 4, 4]);
    let w = b.param(1, &[4, 1, 3, 3], small(6, 36));
    let y = b.node(
        Op::Conv(Conv {
            window: window(3, 2, 1),
            groups: 2,
        }),
        &[x, w],
        &[2, 4, 2, 2],
    );
    let shift = Shift::PerAxis {
        axis: 1,
        shifts: vec![3, 4, 5, 4],
    };
    let y = b.node(
        Op::Rescale(Rescale {
            shift,
            limbs: 2,
            relu: true,
            saturation: None,
        }),
        &[y],
        &[2, 4, 2, 2],
    );
    b.output(y);
    sample("convolution", b, vec![small(7, 64)])
}

/// Pooling that leaves a border of the convolution unread.
fn pooled_convolution() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 1, 5, 5]);
    let w = b.param(1, &[2, 1, 3, 3], small(8, 18));
    let y = b.node(
        Op::Conv(Conv {
            window: window(3, 1, 1),
            groups: 1,
        }),
        &[x, w],
        &[1, 2, 5, 5],
    );
    let windows = MaxWindows::Pool(window(2, 2, 0));
    let pool = Op::Max(Max {
        windows,
        shift: Shift::Uniform(3),
        limbs: 2,
        relu: true,
        saturation: None,
    });
    let y = b.node(pool, &[y], &[1, 2, 2, 2]);
    b.output(y);
    sample("pooled_convolution", b, vec![small(9, 25)])
}

/// Products of two activations in a batch: copies as right operands.
fn dynamic_products() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[2, 2, 3]);
    let z = b.input(1, &[2, 3, 2]);
    let y = b.node(Op::MatMul(MatMul), &[x, z], &[2, 2, 2]);
    let y = rescale(&mut b, y, 3, false);
    b.output(y);
    sample("dynamic_products", b, vec![small(10, 12), small(11, 12)])
}

/// The first group, elements 0, 2 and 4, has a tie of its last two.
fn arg_max() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[2, 3, 2]);
    let y = b.node(Op::ArgMax(ArgMax { axis: 1, limbs: 1 }), &[x], &[2, 1, 2]);
    b.output(y);
    sample("arg_max", b, vec![vec![3, -5, 9, 2, 9, 1, -4, 0, -6, 7, -8, 6]])
}

/// Two tables, with and without fraction; the first has fewer rows than a limb has values.
fn functions() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[2, 3]);
    let table = |index_bits: u32, fraction_bits: u32, values: Vec<i64>, slopes: Vec<i64>| {
        let function = format!("table of {}", 1 << index_bits);
        Op::Lut(Lut {
            function,
            lo: -8,
            index_bits,
            fraction_bits,
            values,
            slopes,
            limbs: 1,
        })
    };
    let y = b.node(table(2, 2, vec![-12, -5, 1, 4], vec![7, 6, 3, -2]), &[x], &[2, 3]);
    b.output(y);
    let z = b.node(
        table(4, 0, (0..16).map(|i| (i * i) % 11 - 5).collect(), vec![0; 16]),
        &[x],
        &[2, 3],
    );
    b.output(z);
    sample("functions", b, vec![vec![-8, 7, 0, -3, 2, 5]])
}

/// Outputs: product, clipped value, quotient by a constant, quotient, rectified value.
fn elementwise() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[4]);
    let y = b.input(1, &[4]);
    let product = b.node(
        Op::Mul(Mul {
            shift: 3,
            limbs: 2,
            operand_limbs: [1, 1],
        }),
        &[x, y],
        &[4],
    );
    b.output(product);
    let clipped = b.node(
        Op::Clip(Clip {
            lo: -5,
            hi: 6,
            limbs: 1,
        }),
        &[x],
        &[4],
    );
    b.output(clipped);
    let third = b.node(
        Op::DivConst(DivConst {
            divisor: Divisor::Uniform(3),
            limbs: 1,
        }),
        &[y],
        &[4],
    );
    b.output(third);
    let relu = |b: &mut Builder, x| {
        b.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(0),
                limbs: 1,
                relu: true,
                saturation: None,
            }),
            &[x],
            &[4],
        )
    };
    let (n, d) = (relu(&mut b, x), relu(&mut b, y));
    let d = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1],
            constant: 3,
        }),
        &[d],
        &[4],
    );
    let quotient = b.node(
        Op::Div(Div {
            shift: 2,
            limbs: 2,
            operand_limbs: [1, 1],
        }),
        &[n, d],
        &[4],
    );
    b.output(quotient);
    b.output(n);
    sample("elementwise", b, vec![vec![11, -9, 4, 0], vec![-13, 6, 8, 2]])
}

/// One region for each divisor.
fn divisors_by_element() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[4]);
    let divisor = Divisor::PerElement(vec![2, 3, 2, 3]);
    let y = b.node(Op::DivConst(DivConst { divisor, limbs: 1 }), &[x], &[4]);
    b.output(y);
    sample("divisors_by_element", b, vec![vec![-7, 8, 5, -4]])
}

/// Views, sums and constants.
fn views() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 2, 3, 3]);
    let t = b.node(
        Op::Transpose(Transpose {
            perm: vec![0, 2, 3, 1],
        }),
        &[x],
        &[1, 3, 3, 2],
    );
    let p = Op::Pad(Pad {
        before: vec![0, 1, 0, 0],
        after: vec![0, 0, 0, 1],
        value: 3,
    });
    let p = b.node(p, &[t], &[1, 4, 3, 3]);
    let s = b.node(
        Op::SumPool(SumPool {
            window: window(2, 1, 0),
        }),
        &[p],
        &[1, 4, 2, 2],
    );
    let r = b.node(Op::ReduceSum(ReduceSum { axes: vec![2] }), &[p], &[1, 4, 1, 3]);
    let r = b.node(Op::Broadcast(Broadcast), &[r], &[1, 4, 2, 3]);
    let c = b.node(Op::Concat(Concat { axis: 3 }), &[s, r], &[1, 4, 2, 5]);
    let g = b.node(
        Op::Gather(Gather {
            axis: 3,
            indices: vec![4, 0, 3, 3, 1],
        }),
        &[c],
        &[1, 4, 2, 5],
    );
    let l = Op::LinComb(LinComb {
        coefficients: vec![-2, 3],
        constant: -7,
    });
    let l = b.node(l, &[c, g], &[1, 4, 2, 5]);
    let y = rescale(&mut b, l, 2, false);
    b.output(y);
    sample("views", b, vec![small(12, 18)])
}

/// Windows of nine elements, cut short at the border: maxima of maxima.
fn large_maxima() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 1, 4, 4]);
    let windows = MaxWindows::Pool(window(3, 1, 1));
    let pool = Op::Max(Max {
        windows,
        shift: Shift::Uniform(0),
        limbs: 1,
        relu: false,
        saturation: None,
    });
    let y = b.node(pool, &[x], &[1, 1, 4, 4]);
    b.output(y);
    sample("large_maxima", b, vec![small(13, 16)])
}

/// Values half way between two results, and a zero that the rectifier meets.
fn halves() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[3]);
    let rescale = |relu| {
        Op::Rescale(Rescale {
            shift: Shift::Uniform(3),
            limbs: 1,
            relu,
            saturation: None,
        })
    };
    let y = b.node(rescale(false), &[x], &[3]);
    b.output(y);
    let z = b.node(rescale(true), &[x], &[3]);
    b.output(z);
    sample("halves", b, vec![vec![4, -4, 0]])
}

/// Values above, below and inside the range that they are clamped to: by rescaling, by a maximum of a few operands
/// and by one of many, rectified or not.
fn saturated() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(2, &[1, 1, 2, 6]);
    let clamp = |relu, below, above| {
        Op::Rescale(Rescale {
            shift: Shift::Uniform(2),
            limbs: 1,
            relu,
            saturation: Some(Saturation { below, above }),
        })
    };
    for op in [clamp(false, 2, 2), clamp(true, 2, 2)] {
        let y = b.node(op, &[x], &[1, 1, 2, 6]);
        b.output(y);
    }
    let maximum = |windows, shift, relu| {
        Op::Max(Max {
            windows,
            shift: Shift::Uniform(shift),
            limbs: 1,
            relu,
            saturation: Some(MaxSaturation {
                maximum: Saturation { below: 2, above: 2 },
                spread: 2,
            }),
        })
    };
    let y = b.node(
        maximum(MaxWindows::Pool(window(2, 2, 0)), 2, true),
        &[x],
        &[1, 1, 1, 3],
    );
    b.output(y);
    let y = b.node(maximum(MaxWindows::Axis(3), 0, false), &[x], &[1, 1, 2, 1]);
    b.output(y);
    let values = vec![-500, -64, 61, 511, 0, 70, -512, -66, 62, -300, 90, 2];
    sample("saturated", b, vec![values])
}

/// Every tensor is public.
fn all_public() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 3]);
    let w = b.param(1, &[3, 2], small(14, 6));
    let y = b.node(Op::MatMul(MatMul), &[x, w], &[1, 2]);
    let y = rescale(&mut b, y, 4, false);
    b.output(y);
    let options = CircuitOptions {
        inputs: Visibility::Public,
        params: ParamVisibility::Public,
        ..CircuitOptions::default()
    };
    Sample {
        options,
        ..sample("all_public", b, vec![small(15, 3)])
    }
}

/// Right operands in lanes, and more of them in fixed lanes than there are rows of lanes before.
fn fixed_parameters() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[2, 3]);
    let z = b.input(1, &[3, 2]);
    let y = b.node(Op::MatMul(MatMul), &[x, z], &[2, 2]);
    let mut y = rescale(&mut b, y, 4, false);
    for (seed, inner, columns) in [(16, 2, 3), (17, 3, 3), (18, 3, 2)] {
        let w = b.param(1, &[inner, columns], small(seed, inner * columns));
        y = b.node(Op::MatMul(MatMul), &[y, w], &[2, columns]);
        y = rescale(&mut b, y, 5, false);
    }
    b.output(y);
    let options = CircuitOptions {
        params: ParamVisibility::Fixed,
        ..CircuitOptions::default()
    };
    Sample {
        options,
        ..sample("fixed_parameters", b, vec![small(19, 6), small(20, 6)])
    }
}

/// A hashed input of several elements, packed where it stands, and a context.
fn hashed() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    // 15 bits: sixteen values in an element, six in a row.
    let x = b.input(3, &[1, 50]);
    let y = b.node(Op::ReduceSum(ReduceSum { axes: vec![1] }), &[x], &[1, 1]);
    let y = rescale(&mut b, y, 11, false);
    b.output(y);
    let options = CircuitOptions {
        inputs: Visibility::Hashed,
        context: 2,
        ..CircuitOptions::default()
    };
    Sample {
        options,
        ..sample("hashed", b, vec![noise(21, 50, -16_000, 16_000)])
    }
}

/// Rows of nine values and elements of 25, which end at every place of a row: the input is copied to be packed.
fn hashed_copy() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(2, &[1, 225]);
    let y = b.node(Op::ReduceSum(ReduceSum { axes: vec![1] }), &[x], &[1, 1]);
    let y = rescale(&mut b, y, 7, false);
    b.output(y);
    let options = CircuitOptions {
        inputs: Visibility::Hashed,
        ..CircuitOptions::default()
    };
    Sample {
        options,
        ..sample("hashed_copy", b, vec![noise(22, 225, -500, 500)])
    }
}

/// Two inputs, an output that is not negative and parameters of two widths, all hashed: chains one after the
/// other.
fn hashed_everything() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 3]);
    let z = b.input(2, &[1, 2]);
    let w = b.param(1, &[3, 2], small(23, 6));
    let bias = b.param(2, &[1, 2], noise(24, 2, -200, 200));
    let y = b.node(Op::MatMul(MatMul), &[x, w], &[1, 2]);
    let y = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1, 1, 1],
            constant: 0,
        }),
        &[y, bias, z],
        &[1, 2],
    );
    let y = rescale(&mut b, y, 4, true);
    b.output(y);
    let options = CircuitOptions {
        inputs: Visibility::Hashed,
        outputs: Visibility::Hashed,
        params: ParamVisibility::Hashed,
        ..CircuitOptions::default()
    };
    Sample {
        options,
        ..sample(
            "hashed_everything",
            b,
            vec![small(25, 3), noise(26, 2, -100, 100)],
        )
    }
}

/// Committed matrices, one of them a summand, after a product of activations.
fn committed() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[2, 3]);
    let z = b.input(1, &[3, 2]);
    let y = b.node(Op::MatMul(MatMul), &[x, z], &[2, 2]);
    let y = rescale(&mut b, y, 4, false);
    let w = b.param(1, &[2, 3], small(27, 6));
    let y = b.node(Op::MatMul(MatMul), &[y, w], &[2, 3]);
    let y = rescale(&mut b, y, 5, false);
    let w = b.param(2, &[2, 3], noise(28, 6, -300, 300));
    let y = b.node(
        Op::LinComb(LinComb {
            coefficients: vec![1, 1],
            constant: 0,
        }),
        &[y, w],
        &[2, 3],
    );
    let y = rescale(&mut b, y, 1, true);
    b.output(y);
    committed_sample("committed", b, vec![small(29, 6), small(30, 6)])
}

/// Committed kernels, and a matrix with one row on its left.
fn committed_convolution() -> Sample {
    let mut b = Builder::new(LANE_BITS);
    let x = b.input(1, &[1, 1, 4, 4]);
    let w = b.param(1, &[2, 1, 3, 3], small(31, 18));
    let y = b.node(
        Op::Conv(Conv {
            window: window(3, 1, 1),
            groups: 1,
        }),
        &[x, w],
        &[1, 2, 4, 4],
    );
    // Few of these are 0: a parameter that is multiplied by 0 could be any.
    let y = rescale(&mut b, y, 1, false);
    let y = b.node(Op::Reshape(Reshape), &[y], &[1, 32]);
    let w = b.param(1, &[32, 5], small(32, 160));
    let y = b.node(Op::MatMul(MatMul), &[y, w], &[1, 5]);
    let y = rescale(&mut b, y, 6, false);
    b.output(y);
    committed_sample("committed_convolution", b, vec![small(33, 16)])
}

fn committed_sample(name: &'static str, b: Builder, inputs: Vec<Vec<i64>>) -> Sample {
    let options = CircuitOptions {
        params: ParamVisibility::Committed,
        ..CircuitOptions::default()
    };
    Sample {
        options,
        ..sample(name, b, inputs)
    }
}
