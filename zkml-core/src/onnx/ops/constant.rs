//! Constants, shapes and casts.

use super::prelude::*;
use crate::{
    float::FloatTensor,
    onnx::{ints, proto::Tensor, value::Ints},
    shape::element_count,
};
use ndarray::{ArrayD, IxDyn};
use tract_onnx::pb::tensor_proto::DataType;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::one("Cast", cast, "none")
        .and_shapes()
        .limits("to float types, and to int32 and int64 from constants"),
    Operator::one("Constant", constant, "Param")
        .and_shapes()
        .limits("no strings, no sparse tensors"),
    Operator::one("ConstantOfShape", constant_of_shape, "Param")
        .since(9)
        .and_shapes()
        .limits("the shape is constant"),
    Operator::one("Shape", shape, "none: shapes are known at import").and_shapes(),
];

fn tensor_value(node: &mut Node<'_>, tensor: Tensor) -> Result<Value> {
    match tensor {
        Tensor::Ints(ints) => node.ints_value(ints),
        Tensor::Floats(floats) => node.push_constant(floats).map(Value::Node),
    }
}

fn constant(node: &mut Node<'_>) -> Result<Value> {
    let attributes = &node.attributes;
    let tensor = if let Some(tensor) = attributes.tensor("value")? {
        tensor
    } else if let Some(x) = attributes.float("value_float")? {
        Tensor::Floats(FloatTensor::from_elem(IxDyn(&[]), x))
    } else if let Some(xs) = attributes.floats("value_floats")? {
        Tensor::Floats(ndarray::Array1::from_vec(xs.to_vec()).into_dyn())
    } else if let Some(i) = attributes.int("value_int")? {
        Tensor::Ints(Ints::from_elem(IxDyn(&[]), i))
    } else if let Some(is) = attributes.ints("value_ints")? {
        Tensor::Ints(ints::list(is.to_vec()))
    } else {
        return Err(node.error("it holds no tensor and no number"));
    };
    tensor_value(node, tensor)
}

fn constant_of_shape(node: &mut Node<'_>) -> Result<Value> {
    let shape: Option<Vec<usize>> = node
        .int_list(0)?
        .iter()
        .map(|&i| usize::try_from(i).ok())
        .collect();
    let shape = shape
        .filter(|shape| element_count(shape).is_some())
        .ok_or_else(|| node.error("its shape is negative, empty or too large"))?;
    match node.attributes.tensor("value")? {
        Some(Tensor::Ints(value)) if value.len() == 1 => node.ints_value(value.first().map_or_else(
            || Ints::zeros(IxDyn(&shape)),
            |&i| ArrayD::from_elem(IxDyn(&shape), i),
        )),
        Some(Tensor::Floats(value)) if value.len() == 1 => {
            let x = value.first().copied().unwrap_or(0.0);
            node.push_constant(FloatTensor::from_elem(IxDyn(&shape), x))
                .map(Value::Node)
        }
        Some(_) => Err(node.attributes.error("value", "it must hold one number")),
        None => node
            .push_constant(FloatTensor::zeros(IxDyn(&shape)))
            .map(Value::Node),
    }
}

/// The shape of a tensor, as constant integers.
fn shape(node: &mut Node<'_>) -> Result<Value> {
    let shape = node.shape_of(&node.value(0)?);
    let rank = shape.len() as i64;
    let bound = |value: i64| {
        let absolute = if value < 0 {
            value.saturating_add(rank)
        } else {
            value
        };
        absolute.clamp(0, rank) as usize
    };
    let start = bound(node.attributes.int_or("start", 0)?);
    let end = bound(node.attributes.int_or("end", rank)?);
    let part = shape.get(start..end).unwrap_or(&[]);
    Ok(Value::Ints(ints::list(
        part.iter().map(|&length| length as i64).collect(),
    )))
}

fn cast(node: &mut Node<'_>) -> Result<Value> {
    node.attributes.ignore("saturate");
    node.attributes.ignore("round_mode");
    let to = node.attributes.int_or("to", 0)?;
    let kind = i32::try_from(to).ok().and_then(|to| DataType::try_from(to).ok());
    match (kind, node.value(0)?) {
        (Some(DataType::Float | DataType::Double | DataType::Float16), _) => node.tensor(0).map(Value::Node),
        (Some(DataType::Int64 | DataType::Int32), Value::Ints(ints)) => Ok(Value::Ints(ints)),
        (Some(DataType::Int64 | DataType::Int32), Value::Node(id)) => {
            match node.graph.constant_value(id).cloned() {
                // Towards zero, as the specification says.
                Some(constant) => node.ints_value(constant.mapv(|x| x as i64)),
                None => Err(node
                    .attributes
                    .error("to", "only constants can be cast to integers")),
            }
        }
        _ => Err(node
            .attributes
            .error("to", format!("data type {to} is not supported"))),
    }
}
