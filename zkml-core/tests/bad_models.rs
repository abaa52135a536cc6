//! Models that cannot be imported: an error that says what to do, never a panic.

mod common;

use common::{Normal, workspace};
use std::{fs, path::Path};
use tract_onnx::{
    pb::{ModelProto, NodeProto, tensor_shape_proto::dimension, type_proto},
    prelude::Framework,
};
use zkml_core::{
    error::Error,
    onnx::{self, ImportOptions},
};

fn path(name: &str) -> std::path::PathBuf {
    workspace().join("tests/models").join(name).join("network.onnx")
}

fn proto(path: &Path) -> ModelProto {
    tract_onnx::onnx().proto_model_for_path(path).unwrap()
}

/// Imports a changed model.
fn import(model: &ModelProto, options: &ImportOptions) -> Result<(), Error> {
    onnx::from_bytes(&encode(model), options).map(drop)
}

fn encode(model: &ModelProto) -> Vec<u8> {
    prost::Message::encode_to_vec(model)
}

fn options() -> ImportOptions {
    ImportOptions::default()
}

#[test]
fn every_unsupported_operator_is_named() {
    let mut model = proto(&path("net_attention"));
    let nodes = &mut model.graph.as_mut().unwrap().node;
    for (name, op) in [("first", "StringNormalizer"), ("second", "Unique")] {
        nodes.push(NodeProto {
            name: name.into(),
            op_type: op.into(),
            ..NodeProto::default()
        });
    }
    nodes[0].domain = "com.example".into();
    let error = import(&model, &options()).unwrap_err();
    assert!(matches!(&error, Error::UnsupportedOperators(all) if all.len() == 3));
    let text = error.to_string();
    for part in [
        "`first` (StringNormalizer)",
        "`second` (Unique)",
        "com.example.MatMul",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

/// Float attributes for which a function jumps or is not what the specification defines.
#[test]
fn float_attributes_out_of_range_are_named() {
    for (name, attribute, value, reason) in [
        ("celu", "alpha", -1.0, "above 0"),
        ("instance_norm", "epsilon", -1e-3, "not negative"),
        ("lrn", "bias", 0.0, "above 0"),
        ("shrink", "bias", 0.25, "jumps"),
        ("thresholded_relu", "alpha", 1.0, "jumps"),
    ] {
        let mut model = proto(&path(name));
        let node = &mut model.graph.as_mut().unwrap().node[0];
        let node_name = node.name.clone();
        node.attribute.retain(|a| a.name != attribute);
        node.attribute.push(tract_onnx::pb::AttributeProto {
            name: attribute.into(),
            r#type: 1,
            f: value,
            ..Default::default()
        });
        let text = import(&model, &options()).unwrap_err().to_string();
        assert!(text.contains(&node_name) && text.contains(reason), "{text}");
    }
}

#[test]
fn powers_of_tensors_by_tensors_are_refused() {
    let mut model = proto(&path("div"));
    model.graph.as_mut().unwrap().node[0].op_type = "Pow".into();
    let text = import(&model, &options()).unwrap_err().to_string();
    assert!(
        text.contains("Div_0") && text.contains("constant exponent"),
        "{text}"
    );
}

#[test]
fn unsupported_attributes_are_named() {
    let cases: [(&str, &str, i64); 9] = [
        ("arg_max", "select_last_index", 1),
        ("arg_min", "select_last_index", 1),
        ("group_norm_groups", "num_groups", 3),
        ("lp_norm", "p", 1),
        ("lrn", "size", 0),
        ("batch_norm", "training_mode", 1),
        ("conv", "group", -1),
        ("gemm", "no_such_attribute", 1),
        ("layer_norm", "stash_type", 7),
    ];
    for (name, attribute, value) in cases {
        let mut model = proto(&path(name));
        let node = &mut model.graph.as_mut().unwrap().node[0];
        node.attribute.retain(|a| a.name != attribute);
        node.attribute.push(tract_onnx::pb::AttributeProto {
            name: attribute.into(),
            r#type: 2,
            i: value,
            ..Default::default()
        });
        let error = import(&model, &options()).unwrap_err();
        assert!(
            matches!(&error, Error::Attribute { node, attribute: found, .. } if !node.is_empty() && found == attribute),
            "{name}: {error}"
        );
    }
}

#[test]
fn symbolic_axes_must_be_given() {
    let mut model = proto(&path("gemm"));
    let input = &mut model.graph.as_mut().unwrap().input[0];
    let type_proto::Value::TensorType(tensor) = input.r#type.as_mut().unwrap().value.as_mut().unwrap();
    let dims = &mut tensor.shape.as_mut().unwrap().dim;
    dims[0].value = Some(dimension::Value::DimParam("batch_size".into()));
    dims[1].value = Some(dimension::Value::DimParam("features".into()));
    let error = import(&model, &options()).unwrap_err();
    assert!(matches!(&error, Error::SymbolicDim { axis: 1, dim, .. } if dim == "features"));
    assert!(error.to_string().contains("--dim features="), "{error}");
    let mut given = options();
    given.dims.insert("features".into(), 5);
    import(&model, &given).unwrap();
    given.batch = Some(7);
    let graph = onnx::from_bytes(&encode(&model), &given).unwrap();
    assert_eq!(graph.node(graph.inputs[0].node).shape, [7, 5]);
    given.dims.insert("features".into(), 6);
    assert!(matches!(import(&model, &given), Err(Error::Model { .. })));
}

#[test]
fn labels_come_from_the_options_or_the_file() {
    let mut model = proto(&path("softmax"));
    model.metadata_props.push(tract_onnx::pb::StringStringEntryProto {
        key: "labels".into(),
        value: "a, b,c".into(),
    });
    let graph = onnx::from_bytes(&encode(&model), &options()).unwrap();
    assert_eq!(graph.labels, ["a", "b", "c"]);
    let given = ImportOptions {
        labels: vec!["x".into()],
        ..options()
    };
    assert_eq!(onnx::from_bytes(&encode(&model), &given).unwrap().labels, ["x"]);
}

#[test]
fn malformed_models_are_refused() {
    for bytes in [
        &b""[..],
        b"PK\x03\x04",
        &[0xff; 64],
        &[0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
    ] {
        assert!(matches!(
            onnx::from_bytes(bytes, &options()),
            Err(Error::Onnx { .. })
        ));
    }
    assert!(matches!(
        onnx::from_file(Path::new("/no/such/model.onnx"), &options()),
        Err(Error::Read { .. })
    ));
    let mut old = proto(&path("gemm"));
    old.opset_import[0].version = 6;
    assert!(matches!(import(&old, &options()), Err(Error::Onnx { .. })));
    let mut lost = proto(&path("gemm"));
    lost.graph.as_mut().unwrap().output[0].name = "nothing".into();
    assert!(matches!(import(&lost, &options()), Err(Error::Onnx { .. })));
    let mut cyclic = proto(&path("net_residual"));
    cyclic.graph.as_mut().unwrap().node.reverse();
    assert!(matches!(import(&cyclic, &options()), Err(Error::Model { .. })));
}

/// Truncated and mutated files must import or fail; a panic or an endless loop fails the test.
#[test]
fn corrupt_files_never_panic() {
    let mut normal = Normal::new(11);
    let mut random = move |limit: usize| (normal.sample().abs() * 1e6) as usize % limit;
    let mut refused = 0;
    for entry in fs::read_dir(workspace().join("tests/models")).unwrap() {
        let bytes = fs::read(entry.unwrap().path().join("network.onnx")).unwrap();
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            refused += usize::from(onnx::from_bytes(&bytes[..cut], &options()).is_err());
        }
        for _ in 0..150 {
            let mut changed = bytes.clone();
            for _ in 0..1 + random(4) {
                let at = random(changed.len());
                changed[at] = random(256) as u8;
            }
            refused += usize::from(onnx::from_bytes(&changed, &options()).is_err());
        }
    }
    assert!(refused > 1000, "only {refused} corrupt files were refused");
}
