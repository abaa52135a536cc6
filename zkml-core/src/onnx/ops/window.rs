//! Attributes of sliding windows, for one or two spatial axes.

use crate::{error::Result, onnx::node::Node, ops::Window2d};

/// A window over a `[n, c, l]` or `[n, c, h, w]` tensor; a single spatial axis becomes the
/// width of an image of height 1.
pub(super) struct Window {
    /// The window, padded so that every output position exists, `ceil_mode` included.
    pub(super) window: Window2d,
    /// The padding before `ceil_mode` widened it.
    pub(super) pads_end: [usize; 2],
}

/// Height and width of the image, with height 1 for one spatial axis.
pub(super) fn image(node: &Node<'_>, shape: &[usize]) -> Result<[usize; 2]> {
    match *shape {
        [_, _, l] => Ok([1, l]),
        [_, _, h, w] => Ok([h, w]),
        _ => Err(node.error(format!(
            "expected an input with one or two spatial axes, found shape {shape:?}"
        ))),
    }
}

/// Puts a first spatial axis of `fill` where there is only one.
fn pair(values: &[usize], fill: usize) -> [usize; 2] {
    match *values {
        [x] => [fill, x],
        [y, x] => [y, x],
        _ => [fill, fill],
    }
}

/// Reads the attributes of a window over an input of this shape. `kernel` is the kernel's
/// spatial shape where the weights tell it.
pub(super) fn read(node: &Node<'_>, shape: &[usize], kernel: Option<&[usize]>, ceil: bool) -> Result<Window> {
    let image = image(node, shape)?;
    let spatial = shape.len() - 2;
    let attributes = &node.attributes;
    let kernel_shape = attributes.sizes("kernel_shape", spatial)?;
    let kernel = match (&kernel_shape, kernel) {
        (Some(attribute), Some(weights)) if attribute[..] != *weights => {
            return Err(attributes.error(
                "kernel_shape",
                format!("it is {attribute:?}, but the weights have {weights:?}"),
            ));
        }
        (Some(attribute), _) => pair(attribute, 1),
        (None, Some(weights)) => pair(weights, 1),
        (None, None) => return Err(attributes.error("kernel_shape", "it is required")),
    };
    let strides = pair(
        &attributes.sizes("strides", spatial)?.unwrap_or(vec![1; spatial]),
        1,
    );
    let dilations = pair(
        &attributes
            .sizes("dilations", spatial)?
            .unwrap_or(vec![1; spatial]),
        1,
    );
    for (name, values) in [
        ("kernel_shape", kernel),
        ("strides", strides),
        ("dilations", dilations),
    ] {
        if values.iter().any(|&x| x == 0 || x > 1 << 20) {
            return Err(attributes.error(name, format!("{values:?} is outside 1 to 2^20")));
        }
    }
    let extent = |axis: usize| (kernel[axis] - 1) * dilations[axis] + 1;
    let pads = attributes.sizes("pads", 2 * spatial)?;
    let auto_pad = attributes.string("auto_pad")?.unwrap_or_else(|| "NOTSET".into());
    let (mut begin, mut end) = ([0; 2], [0; 2]);
    match &auto_pad[..] {
        "NOTSET" => {
            let pads = pads.unwrap_or(vec![0; 2 * spatial]);
            begin = pair(&pads[..spatial], 0);
            end = pair(&pads[spatial..], 0);
        }
        "VALID" => {}
        "SAME_UPPER" | "SAME_LOWER" => {
            for axis in 0..2 {
                let outputs = image[axis].div_ceil(strides[axis]);
                let total = ((outputs - 1) * strides[axis] + extent(axis)).saturating_sub(image[axis]);
                let (less, more) = (total / 2, total - total / 2);
                (begin[axis], end[axis]) = if auto_pad == "SAME_UPPER" {
                    (less, more)
                } else {
                    (more, less)
                };
            }
        }
        other => return Err(attributes.error("auto_pad", format!("`{other}` is not supported"))),
    }
    if begin.iter().chain(&end).any(|&x| x > 1 << 20) {
        return Err(attributes.error("pads", "a padding is larger than 2^20"));
    }
    let pads_end = end;
    if ceil {
        for axis in 0..2 {
            let padded = image[axis] + begin[axis] + end[axis];
            let Some(room) = padded.checked_sub(extent(axis)) else {
                continue; // The shape check names it.
            };
            let mut outputs = room.div_ceil(strides[axis]) + 1;
            // A window that starts in the padding at the end does not count.
            if (outputs - 1) * strides[axis] >= image[axis] + begin[axis] {
                outputs -= 1;
            }
            let needed = (outputs - 1) * strides[axis] + extent(axis);
            end[axis] = end[axis].max(needed.saturating_sub(image[axis] + begin[axis]));
        }
    }
    Ok(Window {
        window: Window2d {
            kernel,
            strides,
            pads_begin: begin,
            pads_end: end,
            dilations,
        },
        pads_end,
    })
}
