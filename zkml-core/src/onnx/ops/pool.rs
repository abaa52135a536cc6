//! Pooling over one or two spatial axes.

use super::{prelude::*, window};
use crate::{
    float::window_output,
    ops::{Divisor, Window2d},
};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one(
        "AveragePool",
        average_pool,
        "SumPool, DivConst; no DivConst for powers of two",
    )
    .limits("one or two spatial axes"),
    Operator::one(
        "GlobalAveragePool",
        global_average_pool,
        "ReduceSum, DivConst; no DivConst for powers of two",
    ),
    Operator::one("GlobalMaxPool", global_max_pool, "Max").limits("one or two spatial axes"),
    Operator::one("MaxPool", max_pool, "Max").limits("one or two spatial axes; no indices"),
];

/// Applies a pooling operation, which sees `[n, c, h, w]`.
fn pooled(node: &mut Node<'_>, x: FloatId, op: FloatOp) -> Result<Value> {
    let shape = node.shape(x);
    let [h, w] = window::image(node, &shape)?;
    let x = node.reshape(x, vec![shape[0], shape[1], h, w])?;
    let mut y = node.push(op, &[x])?;
    if shape.len() == 3 {
        let pooled = node.shape(y);
        y = node.reshape(y, vec![pooled[0], pooled[1], pooled[3]])?;
    }
    Ok(Value::Node(y))
}

fn max_pool(node: &mut Node<'_>) -> Result<Value> {
    // Concerns the indices output, which is not supported.
    node.attributes.ignore("storage_order");
    let x = node.tensor(0)?;
    let ceil = node.attributes.flag("ceil_mode", false)?;
    let window = window::read(node, &node.shape(x), None, ceil)?.window;
    pooled(node, x, FloatOp::MaxPool { window })
}

fn global_max_pool(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let kernel = window::image(node, &shape)?;
    let window = Window2d {
        kernel,
        strides: [1, 1],
        pads_begin: [0, 0],
        pads_end: [0, 0],
        dilations: [1, 1],
    };
    pooled(node, x, FloatOp::MaxPool { window })
}

fn global_average_pool(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let rank = node.shape(x).len();
    if rank < 3 {
        return Err(node.error(format!("expected an input of rank 3 or more, found rank {rank}")));
    }
    let axes = (2..rank).collect();
    node.push(FloatOp::ReduceMean { axes }, &[x]).map(Value::Node)
}

fn average_pool(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let ceil = node.attributes.flag("ceil_mode", false)?;
    let count_include_pad = node.attributes.flag("count_include_pad", false)?;
    let read = window::read(node, &shape, None, ceil)?;
    let image = window::image(node, &shape)?;
    let divisor = divisor(&read.window, image, read.pads_end, count_include_pad)
        .map_err(|reason| node.error(reason))?;
    let window = read.window;
    pooled(node, x, FloatOp::AveragePool { window, divisor })
}

/// How many elements each window counts: the image's and, with `count_include_pad`, those of
/// the declared padding (never what `ceil_mode` adds).
fn divisor(
    window: &Window2d,
    image: [usize; 2],
    pads_end: [usize; 2],
    count_include_pad: bool,
) -> Result<Divisor, String> {
    let output = window_output(window, image)?;
    let counts = |axis: usize| -> Vec<u32> {
        let begin = window.pads_begin[axis];
        let counted = if count_include_pad {
            0..begin + image[axis] + pads_end[axis]
        } else {
            begin..begin + image[axis]
        };
        (0..output[axis])
            .map(|o| {
                (0..window.kernel[axis])
                    .map(|k| o * window.strides[axis] + k * window.dilations[axis])
                    .filter(|position| counted.contains(position))
                    .count() as u32
            })
            .collect()
    };
    if output.iter().any(|&length| length > 1 << 14) || window.kernel.iter().any(|&k| k > 1 << 14) {
        return Err("the window or its output is larger than 2^14 along an axis".into());
    }
    let (rows, columns) = (counts(0), counts(1));
    let all: Vec<u32> = rows
        .iter()
        .flat_map(|row| columns.iter().map(move |column| row * column))
        .collect();
    match all.first() {
        Some(&first) if all.iter().all(|&count| count == first) => Ok(Divisor::Uniform(first)),
        _ => Ok(Divisor::PerElement(all)),
    }
}
