//! Compilation, setup, proving and verification of the two MNIST models in `assets/`.
//!
//! `cargo bench --bench mnist` runs all; `cargo bench --bench mnist -- prove/lenet5` one of them.

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::ArrayD;
use npyz::npz::NpzArchive;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zkml::{CompileOptions, FloatTensor, ImportOptions, Model, Progress, Prover, Srs};

/// Digits that the models are calibrated with.
const CALIBRATION: usize = 100;

/// The models: name of the benchmark, file.
const MODELS: [(&str, &str); 2] = [("mlp", "mnist_mlp.onnx"), ("lenet5", "mnist_lenet5.onnx")];

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)
}

/// Digits as the models take them: `[1, 1, 28, 28]`, from 0 to 1.
fn digits() -> Vec<Vec<FloatTensor>> {
    let mut archive = NpzArchive::open(asset("mnist_digits.npz")).expect("the digits are in the repository");
    let images = archive
        .by_name("images")
        .expect("a sound archive")
        .expect("an array `images`");
    let pixels: Vec<u8> = images.into_vec().expect("pixels are bytes");
    let image = |pixels: &[u8]| {
        let values = pixels.iter().map(|p| f32::from(*p) / 255.0).collect();
        vec![ArrayD::from_shape_vec(vec![1, 1, 28, 28], values).expect("28 x 28 pixels")]
    };
    pixels
        .chunks_exact(28 * 28)
        .take(CALIBRATION)
        .map(image)
        .collect()
}

fn mnist(criterion: &mut Criterion) {
    let (digits, progress) = (digits(), Progress::none());
    let options = CompileOptions::default();
    let import = ImportOptions {
        batch: Some(1),
        ..ImportOptions::default()
    };
    for (name, file) in MODELS {
        let model = Model::load(&asset(file), &import).expect("a sound model");
        let compile = || {
            model
                .compile(&digits, &options, &progress)
                .expect("the model compiles")
        };
        let compiled = compile();
        let srs = Srs::development(compiled.k(), &progress).expect("an SRS");
        let setup = || compiled.setup(&srs, &progress).expect("keys");
        let (proving_key, _) = setup();
        let prover = Prover::builder(compile(), proving_key, srs.clone())
            .build()
            .expect("a prover");
        let prove = || prover.prove(&digits[0]).expect("a proof");
        let (proof, verifier) = (prove(), prover.verifier());
        criterion.bench_function(&format!("compile/{name}"), |b| b.iter(|| black_box(compile())));
        criterion.bench_function(&format!("setup/{name}"), |b| b.iter(|| black_box(setup())));
        criterion.bench_function(&format!("prove/{name}"), |b| b.iter(|| black_box(prove())));
        criterion.bench_function(&format!("verify/{name}"), |b| {
            b.iter(|| verifier.verify(black_box(&proof)).expect("a valid proof"));
        });
    }
}

criterion_group! {
    name = benches;
    // One iteration takes up to seconds.
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(10));
    targets = mnist
}
criterion_main!(benches);
