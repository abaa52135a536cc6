//! Reductions along axes.

use super::{prelude::*, rectified::absolute, rows::Rows, softmax::log_sum_exp};
use crate::float::Function;

/// Most factors of a product: each adds its rounding.
const MAX_FACTORS: usize = 32;

/// What all reductions refuse.
const CONSTANT_AXES: &str = "the axes are constant";

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("ArgMax", |node| arg_extreme(node, false), "ArgMax").limits("`select_last_index` is 0"),
    Operator::one("ArgMin", |node| arg_extreme(node, true), "LinComb, ArgMax")
        .limits("`select_last_index` is 0"),
    Operator::one(
        "ReduceL1",
        |node| reduce(node, l1),
        "Rescale with its rectifier, LinComb, ReduceSum",
    )
    .limits(CONSTANT_AXES),
    Operator::one("ReduceL2", |node| reduce(node, l2), "MatMul, and as Sqrt").limits(CONSTANT_AXES),
    Operator::one(
        "ReduceLogSum",
        |node| reduce(node, log_sum),
        "ReduceSum, and as Log",
    )
    .limits("the axes are constant; an input is refused on which a sum is not above 0, rounding aside"),
    Operator::one(
        "ReduceLogSumExp",
        |node| reduce(node, log_sum_of_exponentials),
        "Max, LinComb, Clip, Lut, ReduceSum, Rescale",
    )
    .limits(CONSTANT_AXES),
    Operator::one("ReduceMax", |node| reduce(node, largest), "Max").limits(CONSTANT_AXES),
    Operator::one(
        "ReduceMean",
        |node| reduce(node, mean),
        "ReduceSum, DivConst; no DivConst for powers of two",
    )
    .limits(CONSTANT_AXES),
    Operator::one("ReduceMin", |node| reduce(node, smallest), "LinComb, Max").limits(CONSTANT_AXES),
    Operator::one("ReduceProd", |node| reduce(node, product), "Mul")
        .limits("the axes are constant, and hold at most 32 elements"),
    Operator::one("ReduceSum", |node| reduce(node, sum), "ReduceSum").limits(CONSTANT_AXES),
    Operator::one("ReduceSumSquare", |node| reduce(node, sum_square), "MatMul").limits(CONSTANT_AXES),
];

/// Drops the axes of length 1 that a reduction leaves, unless `keepdims`.
fn finish(node: &mut Node<'_>, y: FloatId, axes: &[usize], keepdims: bool) -> Result<Value> {
    if keepdims {
        return Ok(Value::Node(y));
    }
    let shape = node.shape(y);
    let kept = (0..shape.len())
        .filter(|axis| !axes.contains(axis))
        .map(|axis| shape[axis])
        .collect();
    node.reshape(y, kept).map(Value::Node)
}

/// A reduction over these axes, which it keeps with length 1. Over no axes it is what it does with each element alone.
type Reduction = fn(&mut Node<'_>, FloatId, Vec<usize>) -> Result<FloatId>;

/// Axes are an attribute in older operator sets and an input in newer ones.
fn reduce(node: &mut Node<'_>, reduction: Reduction) -> Result<Value> {
    let x = node.tensor(0)?;
    let rank = node.shape(x).len();
    let keepdims = node.attributes.flag("keepdims", true)?;
    let noop = node.attributes.flag("noop_with_empty_axes", false)?;
    let axes = match node.axes_option(1)? {
        Some(axes) if !axes.is_empty() => node.axes(&axes, rank)?,
        _ if noop => Vec::new(),
        _ => (0..rank).collect(),
    };
    let y = reduction(node, x, axes.clone())?;
    finish(node, y, &axes, keepdims)
}

fn mean(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return Ok(x);
    }
    node.push(FloatOp::ReduceMean { axes }, &[x])
}

fn sum(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return Ok(x);
    }
    node.push(FloatOp::ReduceSum { axes }, &[x])
}

fn sum_square(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return node.push(FloatOp::Mul, &[x, x]);
    }
    node.push(FloatOp::ReduceSumSquare { axes }, &[x])
}

fn l1(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    let x = absolute(node, x)?;
    sum(node, x, axes)
}

fn l2(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return absolute(node, x);
    }
    let squares = sum_square(node, x, axes)?;
    node.push(FloatOp::Function(&Function::SQRT), &[squares])
}

fn log_sum(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    let total = sum(node, x, axes)?;
    node.push(FloatOp::Function(&Function::LOG), &[total])
}

/// With `d = x - max`: `max + log(sum e^d)`.
fn log_sum_of_exponentials(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return Ok(x);
    }
    let rows = Rows::new(&node.shape(x), &axes);
    let flat = rows.flat(node, x)?;
    let largest = rows.largest(node, flat)?;
    let distance = node.push(FloatOp::Sub, &[flat, largest])?;
    let log = log_sum_exp(node, distance, rows.length)?;
    let y = node.push(FloatOp::Add, &[largest, log])?;
    rows.kept(node, y)
}

fn largest(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return Ok(x);
    }
    let rows = Rows::new(&node.shape(x), &axes);
    let flat = rows.flat(node, x)?;
    let largest = rows.largest(node, flat)?;
    rows.kept(node, largest)
}

fn smallest(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    let x = node.push(FloatOp::Neg, &[x])?;
    let y = largest(node, x, axes)?;
    node.push(FloatOp::Neg, &[y])
}

/// Products of halves of the rows, so that a product's roundings are few.
fn product(node: &mut Node<'_>, x: FloatId, axes: Vec<usize>) -> Result<FloatId> {
    if axes.is_empty() {
        return Ok(x);
    }
    let rows = Rows::new(&node.shape(x), &axes);
    if rows.length > MAX_FACTORS {
        return Err(node.error(format!(
            "expected a product of at most {MAX_FACTORS} elements, found {}",
            rows.length
        )));
    }
    let mut flat = rows.flat(node, x)?;
    let mut length = rows.length;
    while length > 1 {
        let half = length / 2;
        let left = columns(node, flat, rows.count, 0..half)?;
        let right = columns(node, flat, rows.count, half..2 * half)?;
        let halves = node.push(FloatOp::Mul, &[left, right])?;
        flat = match length % 2 {
            0 => halves,
            _ => {
                let last = columns(node, flat, rows.count, 2 * half..length)?;
                node.push(FloatOp::Concat { axis: 1 }, &[halves, last])?
            }
        };
        length = half + length % 2;
    }
    rows.kept(node, flat)
}

fn columns(
    node: &mut Node<'_>,
    flat: FloatId,
    rows: usize,
    range: std::ops::Range<usize>,
) -> Result<FloatId> {
    let op = FloatOp::Slice {
        starts: vec![0, range.start],
        steps: vec![1, 1],
        shape: vec![rows, range.len()],
    };
    node.push(op, &[flat])
}

/// Index of the first largest element, or of the first smallest.
fn arg_extreme(node: &mut Node<'_>, smallest: bool) -> Result<Value> {
    node.attributes.require("select_last_index", 0)?;
    let mut x = node.tensor(0)?;
    let keepdims = node.attributes.flag("keepdims", true)?;
    let axis = node.attributes.int_or("axis", 0)?;
    let axis = node.axis(axis, node.shape(x).len())?;
    if smallest {
        x = node.push(FloatOp::Neg, &[x])?;
    }
    let y = node.push(FloatOp::ArgMax { axis }, &[x])?;
    finish(node, y, &[axis], keepdims)
}
