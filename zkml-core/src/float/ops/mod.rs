//! Shape inference and evaluation of each operation.
//!
//! `infer` functions return the output shape or the reason why the inputs do not fit;
//! `eval` functions may rely on what `infer` checked.

mod binary;
mod conv;
mod matmul;
pub(crate) mod pool;
mod reduce;
mod softmax;
mod unary;
mod view;

use super::{FloatOp, FloatTensor};

/// Output shape of an operation.
pub(super) fn infer(op: &FloatOp, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
    let arity = match op {
        FloatOp::Input { .. } | FloatOp::Constant(_) => 0,
        FloatOp::Add | FloatOp::Sub | FloatOp::Mul | FloatOp::MatMul | FloatOp::Conv { .. } => 2,
        FloatOp::Concat { .. } => inputs.len().max(1),
        _ => 1,
    };
    if inputs.len() != arity {
        return Err(format!("expected {arity} inputs, found {}", inputs.len()));
    }
    match op {
        FloatOp::Input { shape } => Ok(shape.clone()),
        FloatOp::Constant(value) => Ok(value.shape().to_vec()),
        FloatOp::Reshape { shape } => view::infer_reshape(inputs[0], shape),
        FloatOp::Broadcast { shape } => view::infer_broadcast(inputs[0], shape),
        FloatOp::Transpose { perm } => view::infer_transpose(inputs[0], perm),
        FloatOp::Slice { starts, steps, shape } => view::infer_slice(inputs[0], starts, steps, shape),
        FloatOp::Concat { axis } => view::infer_concat(inputs, *axis),
        FloatOp::Pad { before, after, .. } => view::infer_pad(inputs[0], before, after),
        FloatOp::Gather { axis, indices } => view::infer_gather(inputs[0], *axis, indices),
        FloatOp::Add | FloatOp::Sub | FloatOp::Mul => binary::infer(inputs[0], inputs[1]),
        FloatOp::MatMul => matmul::infer(inputs[0], inputs[1]),
        FloatOp::Conv { window, groups } => conv::infer(inputs[0], inputs[1], window, *groups),
        FloatOp::ReduceSum { axes } | FloatOp::ReduceSumSquare { axes } | FloatOp::ReduceMean { axes } => {
            reduce::infer(inputs[0], axes)
        }
        FloatOp::AveragePool { window, divisor } => pool::infer_average(inputs[0], window, divisor),
        FloatOp::MaxPool { window } => pool::infer_max(inputs[0], window),
        FloatOp::Softmax { axis } => reduce::infer(inputs[0], &[*axis]).map(|_| inputs[0].to_vec()),
        FloatOp::ArgMax { axis } => reduce::infer(inputs[0], &[*axis]),
        FloatOp::Neg
        | FloatOp::Relu
        | FloatOp::LeakyRelu { .. }
        | FloatOp::Clip { .. }
        | FloatOp::Function(_) => Ok(inputs[0].to_vec()),
    }
}

/// Roughly how many elementary steps an operation takes.
pub(super) fn work(op: &FloatOp, inputs: &[&[usize]], shape: &[usize]) -> u128 {
    let count = |shape: &[usize]| shape.iter().map(|&length| length as u128).product::<u128>();
    let per_element = match (op, inputs) {
        (FloatOp::MatMul, [left, _]) => left.last().map_or(1, |&k| k as u128),
        (FloatOp::Conv { .. }, [_, kernel]) => count(&kernel[1..]),
        (FloatOp::AveragePool { window, .. } | FloatOp::MaxPool { window }, _) => count(&window.kernel),
        _ => 1,
    };
    let read = inputs.iter().map(|shape| count(shape)).sum::<u128>();
    count(shape).saturating_mul(per_element).saturating_add(read)
}

/// Value of an operation, in standard layout. Sources have none.
pub(super) fn eval(op: &FloatOp, inputs: &[&FloatTensor], shape: &[usize]) -> FloatTensor {
    let result = match op {
        FloatOp::Input { .. } => FloatTensor::zeros(shape),
        FloatOp::Constant(value) => (**value).clone(),
        FloatOp::Reshape { .. } => view::reshape(inputs[0], shape),
        FloatOp::Broadcast { .. } => view::broadcast(inputs[0], shape),
        FloatOp::Transpose { perm } => view::transpose(inputs[0], perm),
        FloatOp::Slice { starts, steps, .. } => view::slice(inputs[0], starts, steps, shape),
        FloatOp::Concat { axis } => view::concat(inputs, *axis, shape),
        FloatOp::Pad { before, value, .. } => view::pad(inputs[0], before, *value, shape),
        FloatOp::Gather { axis, indices } => view::gather(inputs[0], *axis, indices),
        FloatOp::Add => binary::eval(inputs[0], inputs[1], shape, |a, b| a + b),
        FloatOp::Sub => binary::eval(inputs[0], inputs[1], shape, |a, b| a - b),
        FloatOp::Mul => binary::eval(inputs[0], inputs[1], shape, |a, b| a * b),
        FloatOp::MatMul => matmul::eval(inputs[0], inputs[1], shape),
        FloatOp::Conv { window, groups } => conv::eval(inputs[0], inputs[1], window, *groups, shape),
        FloatOp::ReduceSum { axes } => reduce::sum(inputs[0], axes),
        FloatOp::ReduceSumSquare { axes } => reduce::sum(&inputs[0].mapv(|x| x * x), axes),
        FloatOp::ReduceMean { axes } => reduce::mean(inputs[0], axes),
        FloatOp::AveragePool { window, divisor } => pool::average(inputs[0], window, divisor, shape),
        FloatOp::MaxPool { window } => pool::max(inputs[0], window, shape),
        FloatOp::Softmax { axis } => softmax::eval(inputs[0], *axis),
        FloatOp::ArgMax { axis } => reduce::arg_max(inputs[0], *axis),
        FloatOp::Neg => unary::neg(inputs[0]),
        FloatOp::Relu => unary::relu(inputs[0]),
        FloatOp::LeakyRelu { alpha } => unary::leaky_relu(inputs[0], *alpha),
        FloatOp::Clip { lo, hi } => unary::clip(inputs[0], *lo, *hi),
        FloatOp::Function(function) => unary::function(inputs[0], function),
    };
    if result.is_standard_layout() {
        result
    } else {
        result.as_standard_layout().into_owned()
    }
}
