//! Padding with a constant.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] =
    &[Operator::one("Pad", import, "Pad").limits("`mode` is `constant`; amounts and value are constant")];

/// Amounts and value are attributes before operator set 11 and inputs since.
fn import(node: &mut Node<'_>) -> Result<Value> {
    match node.attributes.string("mode")?.as_deref() {
        None | Some("constant") => {}
        Some(other) => {
            let reason = format!("only `constant` is supported, found `{other}`");
            return Err(node.attributes.error("mode", reason));
        }
    }
    let x = node.tensor(0)?;
    let rank = node.shape(x).len();
    let pads = match node.attributes.ints("pads")? {
        Some(pads) => pads.to_vec(),
        None => node.int_list(1)?,
    };
    let mut value = node.attributes.float_or("value", 0.0)?;
    if node.has(2) {
        value = node.scalar(2)?;
    }
    if !value.is_finite() {
        return Err(node.error(format!("expected a finite value to pad with, found {value}")));
    }
    let axes = if node.has(3) {
        let axes = node.int_list(3)?;
        node.axes(&axes, rank)?;
        axes.iter()
            .map(|&axis| node.axis(axis, rank))
            .collect::<Result<Vec<_>>>()?
    } else {
        (0..rank).collect()
    };
    let sizes: Option<Vec<usize>> = pads.iter().map(|&pad| usize::try_from(pad).ok()).collect();
    let sizes = sizes
        .filter(|sizes| sizes.len() == 2 * axes.len())
        .ok_or_else(|| {
            node.error(format!(
                "expected {} amounts of padding that are not negative, found {pads:?}",
                2 * axes.len()
            ))
        })?;
    let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
    for (index, &axis) in axes.iter().enumerate() {
        before[axis] = sizes[index];
        after[axis] = sizes[index + axes.len()];
    }
    if sizes.iter().all(|&size| size == 0) {
        return Ok(Value::Node(x));
    }
    node.push(FloatOp::Pad { before, after, value }, &[x])
        .map(Value::Node)
}
