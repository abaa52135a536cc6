//! The guide "Adding an operation" in ARCHITECTURE.md, followed for an ONNX operator on existing float operations.
//!
//! The operator exists in these tests only: its file would hold what [`OPERATORS`] and [`import`] are here, and the
//! list of [`super::ops`] one line more.

use super::{
    ImportOptions, import,
    node::Node,
    ops,
    registry::{Operator, Registry},
    value::Value,
};
use crate::{
    error::{Error, Result},
    execute::execute,
    float::{FloatOp, FloatTensor},
    graph::Op,
    quantize::{QuantizeOptions, dequantize_outputs, quantize, quantize_inputs},
};
use ndarray::IxDyn;
use tract_onnx::pb::{
    GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorShapeProto, TypeProto, ValueInfoProto,
    tensor_shape_proto::{Dimension, dimension},
    type_proto,
};

/// `max(x, 0)^2` and, as a second output, `max(x, 0)`.
const OPERATORS: &[Operator] = &[Operator::several(
    "SquaredRelu",
    import_squared_relu,
    "Rescale, Mul",
)];

fn import_squared_relu(node: &mut Node<'_>) -> Result<Vec<Value>> {
    let x = node.tensor(0)?;
    let relu = node.push(FloatOp::Relu, &[x])?;
    let square = node.push(FloatOp::Mul, &[relu, relu])?;
    Ok([square, relu].map(Value::Node).to_vec())
}

/// A model of one node that reads `x` and has these outputs, of which the model has the last.
fn model(outputs: &[&str]) -> ModelProto {
    let dim = |length| Dimension {
        value: Some(dimension::Value::DimValue(length)),
        ..Dimension::default()
    };
    let tensor = type_proto::Tensor {
        elem_type: 1,
        shape: Some(TensorShapeProto {
            dim: vec![dim(2), dim(3)],
        }),
    };
    let value = |name: &str| ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto {
            value: Some(type_proto::Value::TensorType(tensor.clone())),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    };
    let node = NodeProto {
        name: "node".into(),
        op_type: "SquaredRelu".into(),
        input: vec!["x".into()],
        output: outputs.iter().map(|&name| name.into()).collect(),
        ..NodeProto::default()
    };
    ModelProto {
        opset_import: vec![OperatorSetIdProto {
            version: 17,
            ..OperatorSetIdProto::default()
        }],
        graph: Some(GraphProto {
            node: vec![node],
            input: vec![value("x")],
            output: outputs.last().map(|name| value(name)).into_iter().collect(),
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}

fn sample(seed: usize) -> FloatTensor {
    FloatTensor::from_shape_fn(IxDyn(&[2, 3]), |at| {
        ((at[0] * 3 + at[1] + seed) * 37 % 41) as f32 / 10.0 - 2.0
    })
}

#[test]
fn an_operator_of_one_file_and_one_line_runs_as_integers() {
    for (outputs, expected) in [
        (&["y"][..], (|x| x.max(0.0).powi(2)) as fn(f32) -> f32),
        (&["", "y"], |x| x.max(0.0)),
    ] {
        let model = model(outputs);
        let graph = import::import(&model, &ImportOptions::default(), Registry(&[OPERATORS])).unwrap();
        let calibration: Vec<Vec<FloatTensor>> = (0..8).map(|seed| vec![sample(seed)]).collect();
        assert_eq!(graph.run(&calibration[0]).unwrap()[0], sample(0).mapv(expected));

        let quantized = quantize(&graph, &calibration, &QuantizeOptions::default()).unwrap();
        let squares = quantized
            .graph
            .nodes
            .iter()
            .filter(|node| matches!(node.op, Op::Mul(_)));
        assert_eq!(squares.count(), usize::from(outputs.len() == 1));
        let inputs = quantize_inputs(&quantized.graph, &[sample(9)], false).unwrap();
        let trace = execute(&quantized.graph, &quantized.params, &inputs).unwrap();
        let found = dequantize_outputs(&quantized.graph, &trace).remove(0);
        let largest = expected(2.0);
        for (found, x) in found.iter().zip(sample(9)) {
            assert!((found - expected(x)).abs() <= 2e-3 * largest, "{found} at {x}");
        }
    }
}

#[test]
fn without_its_line_the_operator_is_reported() {
    let imported = import::import(&model(&["y"]), &ImportOptions::default(), ops::STANDARD);
    assert!(matches!(imported, Err(Error::UnsupportedOperators(all)) if all[0].op == "SquaredRelu"));
}

#[test]
fn an_output_that_no_importer_makes_may_be_there_and_not_be_read() {
    let import =
        |model: &ModelProto| import::import(model, &ImportOptions::default(), Registry(&[OPERATORS]));
    let mut model = model(&["y", "relu", "third"]);
    let error = import(&model).unwrap_err().to_string();
    assert!(
        error.contains("`third`, output 2 of node `node` (SquaredRelu), which is not supported"),
        "{error}"
    );
    let graph = model.graph.as_mut().unwrap();
    let mut reader = graph.node[0].clone();
    (reader.input, reader.output) = (vec!["third".into()], vec!["z".into()]);
    graph.output[0].name = "y".into();
    import(&model).unwrap();
    model.graph.as_mut().unwrap().node.push(reader);
    assert!(
        matches!(import(&model), Err(Error::Model { reason, .. }) if reason.contains("`third`, output 2"))
    );
}
