//! Small models of every operator: import, the float executor, quantisation and the integer
//! executor against onnxruntime, and the float executor against tract.

mod common;

use common::{assert_close, numbers, run_tract, tensor, workspace};
use serde_json::Value;
use std::{fs, path::PathBuf};
use zkml_core::{
    float::{FloatGraph, FloatTensor},
    onnx::{self, ImportOptions},
    quantize::{QuantizeOptions, quantize},
};

struct OpModel {
    name: String,
    path: PathBuf,
    graph: FloatGraph,
    /// For each sample, inputs and expected outputs.
    samples: Vec<(Vec<FloatTensor>, Vec<FloatTensor>)>,
}

fn shapes(value: &Value) -> Vec<Vec<usize>> {
    let shape = |value: &Value| {
        let list = value.as_array().unwrap();
        list.iter().map(|x| x.as_u64().unwrap() as usize).collect()
    };
    value.as_array().unwrap().iter().map(shape).collect()
}

fn load() -> Vec<OpModel> {
    let mut folders: Vec<PathBuf> = fs::read_dir(workspace().join("tests/models"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("data.json").is_file())
        .collect();
    folders.sort();
    let model = |folder: PathBuf| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let data: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("data.json")).unwrap()).unwrap();
        let (input_shapes, output_shapes) = (shapes(&data["input_shapes"]), shapes(&data["output_shapes"]));
        let options = ImportOptions {
            batch: Some(input_shapes[0].first().copied().unwrap_or(1)),
            ..ImportOptions::default()
        };
        let path = folder.join("network.onnx");
        let graph = onnx::from_file(&path, &options).unwrap_or_else(|error| panic!("{name}: {error}"));
        let tensors = |sample: &Value, shapes: &[Vec<usize>]| -> Vec<FloatTensor> {
            let lists = sample.as_array().unwrap().iter().zip(shapes);
            lists.map(|(list, shape)| tensor(shape, numbers(list))).collect()
        };
        let samples = data["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .zip(data["outputs"].as_array().unwrap());
        let samples = samples
            .map(|(inputs, outputs)| (tensors(inputs, &input_shapes), tensors(outputs, &output_shapes)))
            .collect();
        OpModel {
            name,
            path,
            graph,
            samples,
        }
    };
    let models: Vec<OpModel> = folders.into_iter().map(model).collect();
    assert!(models.len() >= 80, "only {} models", models.len());
    models
}

#[test]
fn the_float_executor_agrees_with_onnxruntime() {
    for model in load() {
        for (inputs, expected) in &model.samples {
            assert_close(&model.name, &model.graph.run(inputs).unwrap(), expected);
        }
    }
}

/// tract refuses these files or reads them in another way than the specification says.
const NOT_TRACT: &[&str] = &[];

#[test]
fn the_float_executor_agrees_with_tract() {
    for model in load() {
        if NOT_TRACT.contains(&&model.name[..]) {
            continue;
        }
        let (inputs, _) = &model.samples[0];
        let expected = run_tract(&model.path, inputs);
        assert_close(&model.name, &model.graph.run(inputs).unwrap(), &expected);
    }
}

#[test]
fn integer_models_are_accurate() {
    let mut failures = Vec::new();
    for model in load() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|(inputs, _)| inputs.clone()).collect();
        for lane_bits in [10, 12, 14, 16] {
            for saturate in [false, true] {
                let options = QuantizeOptions {
                    lane_bits,
                    accuracy: 1e-2,
                    saturate,
                    ..QuantizeOptions::default()
                };
                match quantize(&model.graph, &calibration, &options) {
                    Ok(quantized) => {
                        assert!(quantized.report.worst_error <= 1e-2);
                        assert!(quantized.report.to_string().contains("worst"));
                    }
                    Err(error) => failures.push(format!(
                        "{} ({lane_bits} bits, saturate {saturate}): {error}",
                        model.name
                    )),
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn integer_models_meet_the_default_target() {
    let mut failures = Vec::new();
    for model in load() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|(inputs, _)| inputs.clone()).collect();
        for lane_bits in [10, 12] {
            let options = QuantizeOptions {
                lane_bits,
                ..QuantizeOptions::default()
            };
            if let Err(error) = quantize(&model.graph, &calibration, &options) {
                failures.push(format!("{} ({lane_bits} bits): {error}", model.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
