//! Proves that a perceptron read a handwritten digit, and keeps what a verifier needs.
//!
//! ```sh
//! cargo run --release --example prove_mlp
//! ```

mod common;

use common::{Digits, asset};
use zkml::{CompileOptions, ImportOptions, Model, Progress, Prover, Srs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let progress = Progress::none();
    let digits = Digits::load()?;

    // A float model, and what its classes are called.
    let import = ImportOptions {
        labels: (0..10).map(|d| d.to_string()).collect(),
        ..ImportOptions::default()
    };
    let model = Model::load(&asset("mnist_mlp.onnx"), &import)?;
    let shape = model.inputs()[0].shape.clone();

    // Typical inputs say which ranges the tensors have.
    let calibration: Vec<_> = (0..64).map(|i| digits.input(i, 1, &shape)).collect();
    let compiled = model.compile(&calibration, &CompileOptions::default(), &progress)?;

    // For development only: a real application imports an SRS from a ceremony.
    let srs = Srs::development(compiled.k(), &progress)?;
    let (proving_key, verifying_key) = compiled.setup(&srs, &progress)?;

    // A digit that was not calibrated with.
    let chosen = 100;
    let prover = Prover::builder(compiled, proving_key, srs).build()?;
    let proof = prover.prove(&digits.input(chosen, 1, &shape))?;
    let claim = prover.verifier().verify(&proof)?;
    println!("the digit shows {}", digits.label(chosen));
    println!(
        "proven: the model reads it as {}",
        claim.tensors[0].label().unwrap_or("nothing")
    );
    println!("the proof has {} bytes", proof.bytes().len());

    let dir = std::env::temp_dir();
    let (key_file, proof_file) = (dir.join("zkml_mlp.vk"), dir.join("zkml_mlp.zkproof"));
    verifying_key.save(&key_file)?;
    proof.save(&proof_file)?;
    println!(
        "next: cargo run --release --no-default-features --example verify_only -- {} {}",
        key_file.display(),
        proof_file.display()
    );
    Ok(())
}
