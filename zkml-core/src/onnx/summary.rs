//! What an ONNX file holds, without importing it: for people who look at a model, supported or not.

use super::{ops, proto};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, HashSet};
use tract_onnx::pb::{TypeProto, ValueInfoProto, tensor_shape_proto::dimension, type_proto};

/// What an ONNX file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The program that wrote the file, with its version.
    pub producer: String,
    /// Version of the standard operator set; `None` if the file states none.
    pub opset: Option<i64>,
    /// Inputs that are not initialisers.
    pub inputs: Vec<SummaryTensor>,
    /// Outputs.
    pub outputs: Vec<SummaryTensor>,
    /// Number of elements of all initialisers.
    pub parameters: u64,
    /// Operators in alphabetic order.
    pub operators: Vec<SummaryOperator>,
}

/// An input or output of an ONNX file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryTensor {
    /// Its name.
    pub name: String,
    /// Lengths of its axes: a number, a name, or `?`. `None` if the file states no shape.
    pub shape: Option<Vec<String>>,
}

/// An operator of an ONNX file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryOperator {
    /// Its name, with the domain if that is not the standard one.
    pub name: String,
    /// Names of its nodes.
    pub nodes: Vec<String>,
    /// Whether an importer for it exists.
    pub supported: bool,
}

/// Looks at the bytes of an ONNX file.
///
/// # Errors
///
/// [`Error::Onnx`] for bytes that are no ONNX model.
pub fn summary(bytes: &[u8]) -> Result<Summary> {
    let model = proto::parse(bytes)?;
    let graph = model
        .graph
        .as_ref()
        .ok_or_else(|| Error::onnx("it contains no graph"))?;
    let constants: HashSet<&str> = graph.initializer.iter().map(|tensor| &tensor.name[..]).collect();
    let inputs = graph
        .input
        .iter()
        .filter(|input| !constants.contains(&input.name[..]));
    let elements = |dims: &[i64]| {
        let axis = |dim: &i64| u64::try_from(*dim).unwrap_or(0);
        dims.iter().map(axis).fold(1, u64::saturating_mul)
    };
    let initializers = graph.initializer.iter();
    let mut operators: BTreeMap<String, SummaryOperator> = BTreeMap::new();
    for node in &graph.node {
        let name = proto::operator(node).into_owned();
        let supported = ops::STANDARD.get(&name).is_some();
        let entry = operators.entry(name.clone());
        let nodes = &mut entry
            .or_insert(SummaryOperator {
                name,
                nodes: Vec::new(),
                supported,
            })
            .nodes;
        nodes.push(node.name.clone());
    }
    Ok(Summary {
        producer: format!("{} {}", model.producer_name, model.producer_version)
            .trim()
            .to_owned(),
        opset: proto::opset(&model),
        inputs: inputs.map(tensor).collect(),
        outputs: graph.output.iter().map(tensor).collect(),
        parameters: initializers
            .map(|tensor| elements(&tensor.dims))
            .fold(0, u64::saturating_add),
        operators: operators.into_values().collect(),
    })
}

fn tensor(info: &ValueInfoProto) -> SummaryTensor {
    let shape = match &info.r#type {
        Some(TypeProto {
            value: Some(type_proto::Value::TensorType(tensor)),
            ..
        }) => tensor.shape.as_ref(),
        _ => None,
    };
    let axis = |dim: &tract_onnx::pb::tensor_shape_proto::Dimension| match &dim.value {
        Some(dimension::Value::DimValue(length)) => length.to_string(),
        Some(dimension::Value::DimParam(name)) if !name.is_empty() => name.clone(),
        _ => "?".to_owned(),
    };
    SummaryTensor {
        name: info.name.clone(),
        shape: shape.map(|shape| shape.dim.iter().map(axis).collect()),
    }
}
