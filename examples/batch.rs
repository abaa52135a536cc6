//! Proves 16 digits at once: one circuit, one proof, the weights paid for once.
//!
//! ```sh
//! cargo run --release --example batch
//! ```

mod common;

use common::{Digits, asset};
use std::time::Instant;
use zkml::{CompileOptions, ImportOptions, Model, Progress, Prover, Srs};

const BATCH: usize = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let digits = Digits::load()?;
    let one = seconds_per_proof(&digits, 1)?;
    let many = seconds_per_proof(&digits, BATCH)?;
    println!(
        "{BATCH} single proofs take {:.2} s, one proof of {BATCH} digits {many:.2} s",
        one * BATCH as f64
    );
    Ok(())
}

/// Proves `batch` digits in one proof and compares what it says with the labels.
fn seconds_per_proof(digits: &Digits, batch: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let progress = Progress::none();
    // The file leaves the length of the first axis open.
    let import = ImportOptions {
        batch: Some(batch),
        labels: (0..10).map(|d| d.to_string()).collect(),
        ..ImportOptions::default()
    };
    let model = Model::load(&asset("mnist_mlp.onnx"), &import)?;
    let shape = model.inputs()[0].shape.clone();
    let calibration: Vec<_> = (0..64 / batch)
        .map(|i| digits.input(i * batch, batch, &shape))
        .collect();
    let compiled = model.compile(&calibration, &CompileOptions::default(), &progress)?;
    let srs = Srs::development(compiled.k(), &progress)?;
    let (proving_key, _) = compiled.setup(&srs, &progress)?;

    let first = 100;
    let start = Instant::now();
    let prover = Prover::builder(compiled, proving_key, srs).build()?;
    let proof = prover.prove(&digits.input(first, batch, &shape))?;
    let seconds = start.elapsed().as_secs_f64();

    let claim = prover.verifier().verify(&proof)?;
    let read = &claim.tensors[0].labels;
    let right = (0..batch)
        .filter(|i| read[*i] == digits.label(first + i).to_string())
        .count();
    println!(
        "batch of {batch}: {seconds:.2} s, {} bytes, {right} of {batch} digits read right",
        proof.bytes().len()
    );
    Ok(seconds)
}
