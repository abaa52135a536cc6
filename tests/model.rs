//! From an ONNX file to a verified proof.

use ndarray::ArrayD;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use zkml::{
    CompileOptions, CompiledModel, Error, FloatTensor, ImportOptions, Model, Progress, ProveOptions, Prover,
    Srs, Verifier, Visibility,
};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/breast_cancer_mlp.onnx")
}

fn model() -> Model {
    Model::load(&fixture(), &ImportOptions::default()).unwrap()
}

/// Inputs with values from -1 to 1 that differ by `seed`.
fn inputs(model: &Model, seed: usize) -> Vec<FloatTensor> {
    let value = |i: usize| ((i * 7919 + seed * 104_729) % 2001) as f32 / 1000.0 - 1.0;
    let tensor = |shape: &[usize]| {
        let len = shape.iter().product();
        ArrayD::from_shape_vec(shape.to_vec(), (0..len).map(value).collect()).unwrap()
    };
    model.inputs().iter().map(|input| tensor(&input.shape)).collect()
}

fn calibration(model: &Model) -> Vec<Vec<FloatTensor>> {
    (0..20).map(|seed| inputs(model, seed)).collect()
}

#[test]
fn an_onnx_file_compiles_proves_and_verifies() {
    let stages = Arc::new(Mutex::new(Vec::new()));
    let sink = stages.clone();
    let progress = Progress::new(move |stage, _| sink.lock().unwrap().push(stage.to_owned()));
    let model = model();
    let options = CompileOptions::default()
        .inputs(Visibility::Public)
        .accuracy(5e-3);
    let compiled = model.compile(&calibration(&model), &options, &progress).unwrap();
    let compiled = CompiledModel::from_bytes(&compiled.to_bytes().unwrap()).unwrap();
    assert!(compiled.report().unwrap().worst_error <= 5e-3);
    let srs = Srs::development(compiled.k(), &progress).unwrap();
    let (proving_key, verifying_key) = compiled.setup(&srs, &progress).unwrap();
    let x = inputs(&model, 3);
    let prover = Prover::builder(compiled, proving_key, srs)
        .progress(&progress)
        .build()
        .unwrap();
    let options = ProveOptions::default().progress(&progress);
    let proof = prover.prove_with(&x, &options).unwrap().proof;
    let claim = Verifier::new(verifying_key).unwrap().verify(&proof).unwrap();
    let output = claim.tensors.last().unwrap();
    assert_eq!(*output, prover.model().run(&x).unwrap().outputs[0]);
    let float = model.run_float(&x).unwrap();
    for (proven, float) in output.values.iter().zip(&float[0]) {
        assert!((proven - f64::from(*float)).abs() < 0.05, "{proven} for {float}");
    }
    let stages = stages.lock().unwrap();
    for stage in [
        "quantising the model",
        "making keys",
        "preparing the SRS",
        "proving",
        "checking the proof",
    ] {
        assert!(stages.iter().any(|s| s == stage), "{stage}");
    }
}

#[test]
fn files_that_are_no_models_are_errors() {
    let good = std::fs::read(fixture()).unwrap();
    let import = |bytes: &[u8]| Model::from_onnx(bytes, &ImportOptions::default());
    import(&good).unwrap();
    for bad in [&good[..good.len() / 2], &b"not a model"[..], &[][..]] {
        assert!(matches!(import(bad), Err(Error::Model(_))));
    }
    let missing = Model::load(Path::new("no such file"), &ImportOptions::default());
    assert!(matches!(missing, Err(Error::Model(_))));
}

#[test]
fn compiling_needs_calibration_data_and_can_be_cancelled() {
    let model = model();
    let none = model.compile(&[], &CompileOptions::default(), &Progress::none());
    assert!(matches!(none, Err(Error::Model(_))));
    let progress = Progress::none();
    progress.cancel();
    let cancelled = model.compile(&calibration(&model), &CompileOptions::default(), &progress);
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}
