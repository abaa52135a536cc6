//! Small models of every ONNX operator as circuits, at the default options, and proofs of some of them.

use ndarray::ArrayD;
use serde_json::Value;
use std::path::{Path, PathBuf};
use zkml::{CompileOptions, FloatTensor, ImportOptions, Model, Progress, Prover, Srs, Verifier, Visibility};

/// Inputs of a model, one set for each sample in its folder.
fn samples(folder: &Path) -> Vec<Vec<FloatTensor>> {
    let data: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("data.json")).unwrap()).unwrap();
    let numbers = |value: &Value| -> Vec<f64> {
        let list = value.as_array().unwrap();
        list.iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let shapes: Vec<Vec<usize>> = data["input_shapes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shape| numbers(shape).iter().map(|&length| length as usize).collect())
        .collect();
    let tensor = |(values, shape): (&Value, &Vec<usize>)| {
        let values = numbers(values).iter().map(|&x| x as f32).collect();
        ArrayD::from_shape_vec(shape.clone(), values).unwrap()
    };
    let sample = |values: &Value| {
        values
            .as_array()
            .unwrap()
            .iter()
            .zip(&shapes)
            .map(tensor)
            .collect()
    };
    data["inputs"].as_array().unwrap().iter().map(sample).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

fn load(folder: &Path, samples: &[Vec<FloatTensor>]) -> Model {
    let options = ImportOptions {
        batch: samples[0][0].shape().first().copied(),
        ..ImportOptions::default()
    };
    Model::load(&folder.join("network.onnx"), &options).unwrap()
}

#[test]
fn circuits_hold_for_the_samples_of_every_model() {
    let mut models = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let folder = entry.unwrap().path();
        let (samples, none) = (samples(&folder), Progress::none());
        let model = load(&folder, &samples);
        let compiled = model
            .compile(&samples, &CompileOptions::default(), &none)
            .unwrap();
        compiled
            .mock(&samples[0], &none)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        models += 1;
    }
    assert!(models > 90, "only {models} models");
}

#[test]
fn normalisation_roots_and_activations_are_proven() {
    for name in [
        "layer_norm_statistics",
        "sqrt_of_squares",
        "hard_swish_after_conv",
    ] {
        let (samples, none) = (samples(&folder().join(name)), Progress::none());
        let model = load(&folder().join(name), &samples);
        let options = CompileOptions::default().inputs(Visibility::Public);
        let compiled = model.compile(&samples, &options, &none).unwrap();
        let srs = Srs::development(compiled.k(), &none).unwrap();
        let (proving_key, verifying_key) = compiled.setup(&srs, &none).unwrap();
        let prover = Prover::builder(compiled, proving_key, srs).build().unwrap();
        let proof = prover.prove(&samples[1]).unwrap();
        let claim = Verifier::new(verifying_key).unwrap().verify(&proof).unwrap();
        let float = model.run_float(&samples[1]).unwrap();
        let outputs = &claim.tensors[claim.tensors.len() - float.len()..];
        for (proven, float) in outputs.iter().zip(&float) {
            let largest = float.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            for (proven, float) in proven.values.iter().zip(float) {
                let error = (proven - f64::from(*float)).abs();
                assert!(error < f64::from(0.01 * largest), "{name}: {proven} for {float}");
            }
        }
    }
}
