//! Local response normalisation: `x / (bias + alpha / size * sum of x^2 over neighbouring channels)^beta`.

use super::{power::constant_power, prelude::*, rectified::scaled};
use crate::ops::{Divisor, Window2d};

pub(super) const OPERATORS: &[Operator] =
    &[
        Operator::one("LRN", import, "Mul, SumPool, DivConst, LinComb, and as Pow")
            .limits("`alpha` is not negative, and `bias` is above 0"),
    ];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let alpha = node.attributes.float_or("alpha", 1e-4)?;
    let beta = node.attributes.float_or("beta", 0.75)?;
    let bias = node.attributes.float_or("bias", 1.0)?;
    if alpha < 0.0 || bias <= 0.0 {
        return Err(node.error(format!(
            "expected `alpha` that is not negative and `bias` above 0, found {alpha} and {bias}"
        )));
    }
    let size = node.attributes.int_or("size", 0)?;
    let size = u32::try_from(size).ok().filter(|&size| size > 0).ok_or_else(|| {
        let reason = format!("expected a number of channels, found {size}");
        node.attributes.error("size", reason)
    })?;
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let [batch, channels, rest @ ..] = &shape[..] else {
        return Err(node.error(format!(
            "expected an input of rank 2 or more, found shape {shape:?}"
        )));
    };
    let image = vec![*batch, 1, *channels, rest.iter().product()];
    let before = (size as usize - 1) / 2;
    let window = Window2d {
        kernel: [size as usize, 1],
        strides: [1, 1],
        pads_begin: [before, 0],
        pads_end: [size as usize - 1 - before, 0],
        dilations: [1, 1],
    };
    let divisor = Divisor::Uniform(size);
    let squares = node.push(FloatOp::Mul, &[x, x])?;
    let squares = node.reshape(squares, image)?;
    let mean = node.push(FloatOp::AveragePool { window, divisor }, &[squares])?;
    let mean = node.reshape(mean, shape)?;
    let mean = scaled(node, mean, alpha)?;
    let bias = node.push_number(bias)?;
    let base = node.push(FloatOp::Add, &[mean, bias])?;
    let factor = constant_power(node, base, -f64::from(beta))?;
    node.push(FloatOp::Mul, &[x, factor]).map(Value::Node)
}
