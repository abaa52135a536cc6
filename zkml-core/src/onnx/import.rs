//! From a parsed model to a float graph.

use super::{
    ImportOptions,
    attributes::Attributes,
    node::Node,
    proto::{self, Tensor},
    registry::{OLDEST_OPSET, Registry},
    scope::Scope,
    value::Value,
};
use crate::{
    error::{Error, Result, UnsupportedOperator},
    float::{FloatGraph, FloatOp, FloatPort, fold},
};
use std::collections::HashSet;
use tract_onnx::pb::{
    GraphProto, ModelProto, NodeProto, TypeProto, ValueInfoProto, tensor_proto::DataType,
    tensor_shape_proto::dimension, type_proto,
};

/// Largest number of elements of all tensors of a model together.
const MAX_TOTAL: usize = 1 << 29;

/// Most elementary steps of a run.
const MAX_WORK: u128 = 1 << 38;

pub(super) fn import(
    model: &ModelProto,
    options: &ImportOptions,
    registry: Registry<'_>,
) -> Result<FloatGraph> {
    let fail = |reason: &str| Error::onnx(reason);
    let proto = model.graph.as_ref().ok_or_else(|| fail("it contains no graph"))?;
    let opset = opset(model)?;
    check_operators(proto, registry)?;

    let mut graph = FloatGraph::default();
    let mut scope = Scope::default();
    initializers(proto, &mut graph, &mut scope)?;
    inputs(proto, options, &mut graph, &mut scope)?;
    let mut total = 0usize;
    for node in &proto.node {
        let before = graph.nodes.len();
        total += import_node(node, opset, registry, &mut graph, &mut scope)?;
        total += graph.nodes[before..].iter().map(|node| node.len()).sum::<usize>();
        if total > MAX_TOTAL {
            return Err(fail(&format!(
                "its tensors have more than {MAX_TOTAL} elements together"
            )));
        }
    }
    for output in &proto.output {
        let value = scope.get(&output.name);
        let node = match value.map_err(|found| fail(&format!("it has the output {found}")))? {
            Value::Node(id) => *id,
            Value::Ints(ints) => graph.constant(&output.name, ints.mapv(|i| i as f32))?,
        };
        graph.outputs.push(FloatPort {
            name: output.name.clone(),
            node,
        });
    }
    if graph.work() > MAX_WORK {
        return Err(fail(&format!(
            "a run takes {} elementary steps; the limit is {MAX_WORK}",
            graph.work()
        )));
    }
    if graph.outputs.is_empty() {
        return Err(fail("it has no outputs"));
    }
    graph.labels = labels(model, options);
    fold(&graph)
}

fn labels(model: &ModelProto, options: &ImportOptions) -> Vec<String> {
    if !options.labels.is_empty() {
        return options.labels.clone();
    }
    model
        .metadata_props
        .iter()
        .find(|entry| entry.key == "labels")
        .map(|entry| {
            entry
                .value
                .split(',')
                .map(|label| label.trim().to_string())
                .collect()
        })
        .unwrap_or_default()
}

fn opset(model: &ModelProto) -> Result<i64> {
    let version = proto::opset(model)
        .ok_or_else(|| Error::onnx("it does not say which version of the ONNX operators it uses"))?;
    if version < OLDEST_OPSET {
        return Err(Error::onnx(format!(
            "it uses version {version} of the ONNX operators; export it with {OLDEST_OPSET} or newer"
        )));
    }
    Ok(version)
}

/// A name for messages, also for a node that has none.
fn node_name(node: &NodeProto) -> String {
    if !node.name.is_empty() {
        return node.name.clone();
    }
    node.output.first().cloned().unwrap_or_default()
}

fn check_operators(graph: &GraphProto, registry: Registry<'_>) -> Result<()> {
    let unsupported: Vec<UnsupportedOperator> = graph
        .node
        .iter()
        .map(|node| (node, proto::operator(node)))
        .filter(|(_, operator)| registry.get(operator).is_none())
        .map(|(node, operator)| UnsupportedOperator {
            node: node_name(node),
            op: operator.into_owned(),
        })
        .collect();
    if unsupported.is_empty() {
        Ok(())
    } else {
        Err(Error::UnsupportedOperators(unsupported))
    }
}

fn initializers<'a>(proto: &'a GraphProto, graph: &mut FloatGraph, scope: &mut Scope<'a>) -> Result<()> {
    if let Some(sparse) = proto.sparse_initializer.first() {
        let name = sparse.values.as_ref().map_or("", |values| &values.name);
        return Err(Error::onnx(format!(
            "its constant `{name}` is sparse; save the model with dense constants"
        )));
    }
    for initializer in &proto.initializer {
        let tensor = proto::tensor(initializer).map_err(|reason| {
            Error::onnx(format!(
                "its constant `{}` cannot be used: {reason}",
                initializer.name
            ))
        })?;
        let value = match tensor {
            Tensor::Ints(ints) => Value::Ints(ints),
            // Empty tensors stand for optional inputs that are left out; nothing can compute with them.
            Tensor::Floats(floats) if floats.is_empty() => continue,
            Tensor::Floats(floats) => Value::Node(graph.constant(&initializer.name, floats)?),
        };
        scope.insert(&initializer.name, value);
    }
    Ok(())
}

fn inputs<'a>(
    proto: &'a GraphProto,
    options: &ImportOptions,
    graph: &mut FloatGraph,
    scope: &mut Scope<'a>,
) -> Result<()> {
    // Old files list the initializers among the inputs.
    let constants: HashSet<&str> = proto.initializer.iter().map(|tensor| &tensor.name[..]).collect();
    for input in &proto.input {
        if constants.contains(&input.name[..]) {
            continue;
        }
        let shape = input_shape(input, options)?;
        let node = graph.push(&input.name, FloatOp::Input { shape }, Vec::new())?;
        if !scope.insert(&input.name, Value::Node(node)) {
            return Err(Error::onnx(format!("it has two inputs named `{}`", input.name)));
        }
        graph.inputs.push(FloatPort {
            name: input.name.clone(),
            node,
        });
    }
    if graph.inputs.is_empty() {
        return Err(Error::onnx("it has no inputs"));
    }
    Ok(())
}

fn input_shape(input: &ValueInfoProto, options: &ImportOptions) -> Result<Vec<usize>> {
    let fail = |reason: String| Error::onnx(format!("its input `{}` {reason}", input.name));
    let Some(TypeProto {
        value: Some(type_proto::Value::TensorType(tensor)),
        ..
    }) = &input.r#type
    else {
        return Err(fail("is not a tensor".into()));
    };
    let kind = DataType::try_from(tensor.elem_type).unwrap_or(DataType::Undefined);
    if !matches!(
        kind,
        DataType::Float | DataType::Double | DataType::Float16 | DataType::Undefined
    ) {
        return Err(fail(format!(
            "has elements of type {}; inputs are tensors of floats",
            kind.as_str_name()
        )));
    }
    let shape = tensor
        .shape
        .as_ref()
        .ok_or_else(|| fail("has no shape; export the model with one".into()))?;
    let length = |(axis, dim): (usize, &tract_onnx::pb::tensor_shape_proto::Dimension)| {
        let name = match &dim.value {
            Some(dimension::Value::DimValue(value)) if *value > 0 => {
                let fixed =
                    usize::try_from(*value).map_err(|_| fail(format!("has an axis of length {value}")))?;
                return match options.batch {
                    Some(batch) if axis == 0 && batch != fixed && fixed == 1 => Err(fail(format!(
                        "has a first axis of length 1, which cannot become a batch of {batch}: export the model with a \
                         symbolic batch axis"
                    ))),
                    _ => Ok(fixed),
                };
            }
            Some(dimension::Value::DimParam(name)) => &name[..],
            _ => "",
        };
        match options.dims.get(name) {
            Some(0) => Err(fail(format!("cannot have an axis `{name}` of length 0"))),
            Some(&length) => Ok(length),
            None if axis == 0 => Ok(options.batch.unwrap_or(1).max(1)),
            None => Err(Error::SymbolicDim {
                input: input.name.clone(),
                axis,
                dim: name.to_string(),
            }),
        }
    };
    shape.dim.iter().enumerate().map(length).collect()
}

/// Imports a node, and returns how many integers its outputs have.
fn import_node<'a>(
    proto: &'a NodeProto,
    opset: i64,
    registry: Registry<'_>,
    graph: &mut FloatGraph,
    scope: &mut Scope<'a>,
) -> Result<usize> {
    let name = node_name(proto);
    let fail = |reason: String| Error::Model {
        node: name.clone(),
        op: proto.op_type.clone(),
        reason,
    };
    let read = |input: &String| match &input[..] {
        "" => Ok(None),
        input => match scope.get(input) {
            Ok(value) => Ok(Some(value.clone())),
            Err(found) => Err(fail(format!("it reads {found}"))),
        },
    };
    let inputs = proto.input.iter().map(read).collect::<Result<Vec<_>>>()?;
    let operator = registry.get(&proto::operator(proto)).ok_or_else(|| {
        Error::UnsupportedOperators(vec![UnsupportedOperator {
            node: name.clone(),
            op: proto.op_type.clone(),
        }])
    })?;
    let mut node = Node {
        attributes: Attributes::new(name.clone(), proto),
        name: name.clone(),
        op: proto.op_type.clone(),
        opset,
        inputs,
        graph,
    };
    let mut values = operator.import(&mut node)?.into_iter();
    node.attributes.finish()?;
    if proto.output.is_empty() {
        return Err(fail("it has no output".into()));
    }
    let mut ints = 0;
    for (index, output) in proto.output.iter().enumerate() {
        let new = match values.next() {
            // An optional output that is left out.
            _ if output.is_empty() => true,
            Some(value) => {
                ints += value.ints().map_or(0, |ints| ints.len());
                scope.insert(output, value)
            }
            None => {
                let what = format!("output {index} of node `{name}` ({})", proto.op_type);
                scope.insert_missing(output, what)
            }
        };
        if !new {
            return Err(fail(format!("its output `{output}` is produced twice")));
        }
    }
    Ok(ints)
}
