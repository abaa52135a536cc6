//! Layer normalisation over the last axes: `(x - mean) / sqrt(variance + epsilon) * scale + bias`.
//!
//! With `n` elements and `d = x - mean`, `1 / sqrt(variance + epsilon)` is `sqrt(n) r` for
//! `r = 1 / sqrt(sum d^2 + n epsilon)`. The sum of squares has no rounding before the square root, and `sqrt(n)` joins
//! the scale.

use super::prelude::*;
use crate::float::Function;
use tract_onnx::pb::tensor_proto::DataType;

pub(super) const OPERATORS: &[Operator] = &[Operator::several(
    "LayerNormalization",
    import,
    "ReduceSum, DivConst, LinComb, Rescale, MatMul, Clip, Lut, Mul",
)
.since(17)];

fn import(node: &mut Node<'_>) -> Result<Vec<Value>> {
    let epsilon = node.attributes.float_or("epsilon", 1e-5)?;
    if epsilon < 0.0 {
        let reason = format!("expected a number that is not negative, found {epsilon}");
        return Err(node.attributes.error("epsilon", reason));
    }
    stash_type(node)?;
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let axis = node.attributes.int_or("axis", -1)?;
    let axis = node.axis(axis, shape.len())?;
    let (rows, row) = shape.split_at(axis);
    let count: usize = row.iter().product();
    let statistics = [rows, &vec![1; row.len()]].concat();
    let root = (count as f64).sqrt();

    let flat = node.reshape(x, vec![rows.iter().product(), count])?;
    let axes = vec![1];
    let mean = node.push(FloatOp::ReduceMean { axes: axes.clone() }, &[flat])?;
    let distance = node.push(FloatOp::Sub, &[flat, mean])?;
    let squares = node.push(FloatOp::ReduceSumSquare { axes }, &[distance])?;
    let epsilon = node.push_number((f64::from(epsilon) * count as f64) as f32)?;
    let squares = node.push(FloatOp::Add, &[squares, epsilon])?;
    let inverse = node.push(FloatOp::Function(&Function::RSQRT), &[squares])?;
    let unit = node.push(FloatOp::Mul, &[distance, inverse])?;
    let unit = node.reshape(unit, shape.clone())?;

    let scale = scale(node, root)?;
    let mut y = node.push(FloatOp::Mul, &[unit, scale])?;
    if node.has(2) {
        let bias = node.tensor(2)?;
        y = node.push(FloatOp::Add, &[y, bias])?;
    }
    if node.shape(y) != shape {
        return Err(node.error(format!(
            "its scale and bias must broadcast to the input's shape {shape:?}, but they widen it to {:?}",
            node.shape(y)
        )));
    }
    let root = node.push_number(root as f32)?;
    let inverse = node.push(FloatOp::Mul, &[inverse, root])?;
    let (mean, inverse) = (
        node.reshape(mean, statistics.clone())?,
        node.reshape(inverse, statistics)?,
    );
    Ok([y, mean, inverse].map(Value::Node).to_vec())
}

/// The type that the specification computes the statistics in. Any float type stands for real numbers here.
fn stash_type(node: &Node<'_>) -> Result<()> {
    let stash = node.attributes.int_or("stash_type", 1)?;
    let kind = i32::try_from(stash)
        .ok()
        .and_then(|kind| DataType::try_from(kind).ok());
    match kind {
        Some(DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16) => Ok(()),
        _ => Err(node
            .attributes
            .error("stash_type", format!("expected a float type, found {stash}"))),
    }
}

/// The scale times `root`: one number where all elements are equal, which takes no product of tensors.
fn scale(node: &mut Node<'_>, root: f64) -> Result<FloatId> {
    let scale = node.tensor(1)?;
    let Some(values) = node.graph.constant_value(scale).cloned() else {
        let root = node.push_number(root as f32)?;
        return node.push(FloatOp::Mul, &[scale, root]);
    };
    let scaled = values.mapv(|value| (f64::from(value) * root) as f32);
    match scaled.first() {
        Some(&first) if scaled.iter().all(|&value| value == first) => node.push_number(first),
        _ => node.push_constant(scaled),
    }
}
