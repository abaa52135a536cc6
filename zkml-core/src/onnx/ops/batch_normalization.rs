//! Batch normalisation with constant statistics: a factor and a term for each channel.

use super::prelude::*;
use crate::float::FloatTensor;
use ndarray::IxDyn;

pub(super) const OPERATORS: &[Operator] = &[Operator::one(
    "BatchNormalization",
    import,
    "LinComb after a Conv or MatMul, whose weights take the factors; otherwise Conv or Mul, and LinComb",
)
.limits("the statistics are constant; `training_mode` is 0, `spatial` is 1")];

fn import(node: &mut Node<'_>) -> Result<Value> {
    node.attributes.ignore("momentum");
    node.attributes.require("spatial", 1)?;
    node.attributes.require("training_mode", 0)?;
    let epsilon = f64::from(node.attributes.float_or("epsilon", 1e-5)?);
    let x = node.tensor(0)?;
    let shape = node.shape(x);
    let Some(&channels) = shape.get(1) else {
        return Err(node.error(format!(
            "expected an input of rank 2 or more, found shape {shape:?}"
        )));
    };
    let (scale, bias, mean, variance) = (
        node.constant(1)?,
        node.constant(2)?,
        node.constant(3)?,
        node.constant(4)?,
    );
    for statistic in [&scale, &bias, &mean, &variance] {
        if statistic.shape() != [channels] {
            return Err(node.error(format!(
                "expected one statistic for each of {channels} channels, found shape {:?}",
                statistic.shape()
            )));
        }
    }
    let factors: Vec<f64> = scale
        .iter()
        .zip(variance.iter())
        .map(|(&s, &v)| f64::from(s) / (f64::from(v) + epsilon).sqrt())
        .collect();
    let terms: Vec<f64> = (0..channels)
        .map(|c| f64::from(bias[c]) - f64::from(mean[c]) * factors[c])
        .collect();
    if factors.iter().chain(&terms).any(|x| !x.is_finite()) {
        return Err(node.error("the statistics give a factor that is not finite"));
    }
    let mut channel_shape = vec![1; shape.len() - 1];
    channel_shape[0] = channels;
    let mut constant = |values: &[f64]| {
        let values: Vec<f32> = values.iter().map(|&x| x as f32).collect();
        match FloatTensor::from_shape_vec(IxDyn(&channel_shape), values) {
            Ok(tensor) => node.push_constant(tensor),
            Err(error) => Err(node.error(error.to_string())),
        }
    };
    let (factors, terms) = (constant(&factors)?, constant(&terms)?);
    let scaled = node.push(FloatOp::Mul, &[x, factors])?;
    node.push(FloatOp::Add, &[scaled, terms]).map(Value::Node)
}
