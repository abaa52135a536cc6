//! Normalisation of each channel, of groups of channels, and over chosen axes.

use super::{
    prelude::*,
    rows::Rows,
    standardise::{self, PROOF, standardise, unit_length},
};

/// Mean and variance are over the axes of a batch of images unless the model says otherwise.
const IMAGES: [i64; 3] = [0, 2, 3];

/// What the specification adds to a standard deviation before it divides by it.
const DEVIATION_FLOOR: f64 = 1e-9;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("GroupNormalization", group, PROOF).since(18),
    Operator::one("InstanceNormalization", instance, PROOF),
    Operator::one("LpNormalization", lp, "MatMul, Clip, Rescale, Lut, LinComb, Mul")
        .limits("`p` is 2; an input is refused on which all elements of a row are 0 or next to it"),
    Operator::one("MeanVarianceNormalization", mean_variance, PROOF)
        .since(9)
        .limits("an input is refused on which all elements of a row are equal or next to it"),
];

/// The batch and the number of channels of an input.
fn channels(node: &Node<'_>, shape: &[usize]) -> Result<(usize, usize)> {
    match shape {
        [batch, channels, _, ..] => Ok((*batch, *channels)),
        _ => Err(node.error(format!(
            "expected an input of rank 3 or more, found shape {shape:?}"
        ))),
    }
}

/// A scale or bias of `count` elements for axis 1 of a tensor.
fn per_channel(node: &mut Node<'_>, values: FloatId, count: usize, rank: usize) -> Result<FloatId> {
    if node.shape(values) != [count] {
        return Err(node.error(format!(
            "expected a scale and a bias of shape [{count}], found {:?}",
            node.shape(values)
        )));
    }
    let mut shape = vec![1; rank];
    shape[1] = count;
    node.reshape(values, shape)
}

/// Scales the standardised rows as a tensor of this shape, whose axis 1 has a scale and a bias for each index.
fn finish(node: &mut Node<'_>, unit: FloatId, n: usize, shape: Vec<usize>) -> Result<FloatId> {
    let (scale, bias) = (node.tensor(1)?, node.tensor(2)?);
    let (count, rank) = (shape[1], shape.len());
    let unit = node.reshape(unit, shape)?;
    let bias = per_channel(node, bias, count, rank)?;
    if node.shape(scale) != [count] {
        per_channel(node, scale, count, rank)?;
    }
    let mut scale = standardise::scale(node, scale, n)?;
    if node.shape(scale) == [count] {
        scale = per_channel(node, scale, count, rank)?;
    }
    let y = node.push(FloatOp::Mul, &[unit, scale])?;
    node.push(FloatOp::Add, &[y, bias])
}

fn instance(node: &mut Node<'_>) -> Result<Value> {
    let epsilon = standardise::epsilon(node)?;
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let (batch, channels) = channels(node, &shape)?;
    let n = shape[2..].iter().product();
    let flat = node.reshape(x, vec![batch * channels, n])?;
    let unit = standardise(node, flat, n, epsilon)?.unit;
    finish(node, unit, n, shape).map(Value::Node)
}

/// Scale and bias are for each group before operator set 21 and for each channel since.
fn group(node: &mut Node<'_>) -> Result<Value> {
    let epsilon = standardise::epsilon(node)?;
    if node.opset >= 21 {
        standardise::stash_type(node)?;
    }
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let (batch, channels) = channels(node, &shape)?;
    let groups = node.attributes.int_or("num_groups", 0)?;
    let groups = usize::try_from(groups)
        .ok()
        .filter(|&groups| groups > 0 && channels % groups == 0)
        .ok_or_else(|| {
            let reason = format!("expected a divisor of the {channels} channels, found {groups}");
            node.attributes.error("num_groups", reason)
        })?;
    let n = channels / groups * shape[2..].iter().product::<usize>();
    let flat = node.reshape(x, vec![batch * groups, n])?;
    let unit = standardise(node, flat, n, epsilon)?.unit;
    let scaled = match node.opset >= 21 {
        true => shape.clone(),
        false => vec![batch, groups, n],
    };
    let y = finish(node, unit, n, scaled)?;
    node.reshape(y, shape).map(Value::Node)
}

fn lp(node: &mut Node<'_>) -> Result<Value> {
    node.attributes.require("p", 2)?;
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let axis = node.attributes.int_or("axis", -1)?;
    let axis = node.axis(axis, shape.len())?;
    let rows = Rows::new(&shape, &[axis]);
    let flat = rows.flat(node, x)?;
    let (unit, _) = unit_length(node, flat, 0.0)?;
    rows.unflat(node, unit).map(Value::Node)
}

fn mean_variance(node: &mut Node<'_>) -> Result<Value> {
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let axes = node.attributes.ints("axes")?.unwrap_or(&IMAGES);
    let axes = node.axes(axes, shape.len())?;
    let rows = Rows::new(&shape, &axes);
    let flat = rows.flat(node, x)?;
    let floor = DEVIATION_FLOOR * DEVIATION_FLOOR;
    let unit = standardise(node, flat, rows.length, floor)?.unit;
    let root = node.push_number((rows.length as f64).sqrt() as f32)?;
    let y = node.push(FloatOp::Mul, &[unit, root])?;
    rows.unflat(node, y).map(Value::Node)
}
