//! Helpers of the integration tests.
#![allow(dead_code)] // each test uses a part

use ndarray::IxDyn;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable, TValue, TVec, Tensor};
use tract_onnx::tract_core::internal::DatumExt;
use zkml_core::{
    float::{FloatGraph, FloatTensor},
    onnx::{self, ImportOptions},
};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// The folder with the larger models, if it is there.
pub fn models() -> Option<PathBuf> {
    let folder =
        std::env::var_os("ZKML_MODELS").map_or_else(|| workspace().join("../shared/models"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "not run: there are no models in {}; set ZKML_MODELS to their folder",
        folder.display()
    );
    None
}

/// A tensor of these elements.
pub fn tensor(shape: &[usize], data: Vec<f32>) -> FloatTensor {
    FloatTensor::from_shape_vec(IxDyn(shape), data).unwrap()
}

/// The numbers of a JSON array.
pub fn numbers(value: &Value) -> Vec<f32> {
    let list = value.as_array().unwrap();
    list.iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

/// Reproducible normally distributed numbers.
pub struct Normal(u64);

impl Normal {
    pub fn new(seed: u64) -> Self {
        Normal(seed)
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn sample(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        (radius * (std::f64::consts::TAU * self.uniform()).cos()) as f32
    }

    pub fn tensor(&mut self, shape: &[usize]) -> FloatTensor {
        let count = shape.iter().product();
        tensor(shape, (0..count).map(|_| self.sample()).collect())
    }
}

/// The outputs that tract computes for an ONNX file.
pub fn run_tract(path: &Path, inputs: &[FloatTensor]) -> Vec<FloatTensor> {
    let mut model = tract_onnx::onnx().model_for_path(path).unwrap();
    for (index, input) in inputs.iter().enumerate() {
        let fact = f32::fact(input.shape());
        model.set_input_fact(index, fact.into()).unwrap();
    }
    let runnable = model
        .into_typed()
        .and_then(|model| model.into_runnable())
        .unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    let values: TVec<TValue> = inputs
        .iter()
        .map(|input| {
            let data: Vec<f32> = input.iter().copied().collect();
            Tensor::from_shape(input.shape(), &data).unwrap().into()
        })
        .collect();
    let outputs = runnable.run(values).unwrap();
    let output = |value: &TValue| {
        let value = value.cast_to::<f32>().unwrap();
        let view = value.to_plain_array_view::<f32>().unwrap();
        tensor(view.shape(), view.iter().copied().collect())
    };
    outputs.iter().map(output).collect()
}

/// Compares float tensors.
pub fn assert_close(name: &str, found: &[FloatTensor], expected: &[FloatTensor]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.shape(), expected.shape(), "{name}");
        for (a, b) in found.iter().zip(expected) {
            assert!(
                (a - b).abs() <= 1e-4 * b.abs().max(1.0),
                "{name}: found {a}, expected {b}"
            );
        }
    }
}

/// A small model with samples.
pub struct OpModel {
    pub name: String,
    pub path: PathBuf,
    pub graph: FloatGraph,
    /// For each sample, inputs and expected outputs.
    pub samples: Vec<(Vec<FloatTensor>, Vec<FloatTensor>)>,
    /// Whether its function is undefined at some arguments that inputs can reach: such inputs have no output.
    pub refuses: bool,
}

fn shapes(value: &Value) -> Vec<Vec<usize>> {
    let shape = |value: &Value| {
        let list = value.as_array().unwrap();
        list.iter().map(|x| x.as_u64().unwrap() as usize).collect()
    };
    value.as_array().unwrap().iter().map(shape).collect()
}

/// The models in `tests/models`.
pub fn op_models() -> Vec<OpModel> {
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
            refuses: data["refuses"] == true,
            graph,
            samples,
        }
    };
    let models: Vec<OpModel> = folders.into_iter().map(model).collect();
    assert!(models.len() >= 80, "only {} models", models.len());
    models
}
