//! Convolution over one or two spatial axes.

use super::{prelude::*, window};

pub(super) const OPERATORS: &[Operator] =
    &[Operator::one("Conv", import, "Conv, LinComb, Rescale").limits("one or two spatial axes")];

fn import(node: &mut Node<'_>) -> Result<Value> {
    let (x, kernel) = (node.tensor(0)?, node.tensor(1)?);
    let (x_shape, kernel_shape) = (node.shape(x), node.shape(kernel));
    if kernel_shape.len() != x_shape.len() || x_shape.len() < 3 {
        return Err(node.error(format!(
            "expected an input and a kernel with one or two spatial axes, found shapes {x_shape:?} and {kernel_shape:?}"
        )));
    }
    let window = window::read(node, &x_shape, Some(&kernel_shape[2..]), false)?.window;
    let group = node.attributes.int_or("group", 1)?;
    let groups = usize::try_from(group)
        .ok()
        .filter(|&groups| groups >= 1)
        .ok_or_else(|| {
            node.attributes
                .error("group", format!("expected at least 1, found {group}"))
        })?;
    let [h, w] = window::image(node, &x_shape)?;
    let x = node.reshape(x, vec![x_shape[0], x_shape[1], h, w])?;
    let flat_kernel = vec![
        kernel_shape[0],
        kernel_shape[1],
        window.kernel[0],
        window.kernel[1],
    ];
    let kernel = node.reshape(kernel, flat_kernel)?;
    let mut y = node.push(FloatOp::Conv { window, groups }, &[x, kernel])?;
    if node.has(2) {
        let bias = node.tensor(2)?;
        let bias = node.reshape(bias, vec![kernel_shape[0], 1, 1])?;
        y = node.push(FloatOp::Add, &[y, bias])?;
    }
    if x_shape.len() == 3 {
        let shape = node.shape(y);
        y = node.reshape(y, vec![shape[0], shape[1], shape[3]])?;
    }
    Ok(Value::Node(y))
}
