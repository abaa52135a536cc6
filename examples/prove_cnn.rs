//! Proves that LeNet-5 with published weights read a handwritten digit, and reports what the
//! integers cost in accuracy.
//!
//! ```sh
//! cargo run --release --example prove_cnn
//! ```

mod common;

use common::{Digits, asset};
use zkml::{CompileOptions, ImportOptions, Model, ParamVisibility, Progress, Prover, Srs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Long work says what it is doing; a clone of the handle could cancel it.
    let progress = Progress::new(|stage, fraction| {
        if fraction == 0.0 {
            eprintln!("{stage} ...");
        }
    });
    let digits = Digits::load()?;
    let model = Model::load(&asset("mnist_lenet5.onnx"), &ImportOptions::default())?;
    let shape = model.inputs()[0].shape.clone();

    // The weights become part of the verifying key: everyone knows which model it is, and the
    // prover commits to nothing but the image.
    let options = CompileOptions::default().params(ParamVisibility::Fixed);
    let calibration: Vec<_> = (0..64).map(|i| digits.input(i, 1, &shape)).collect();
    let compiled = model.compile(&calibration, &options, &progress)?;
    if let Some(report) = compiled.report() {
        println!("{report}");
    }

    let srs = Srs::development(compiled.k(), &progress)?;
    let (proving_key, _) = compiled.setup(&srs, &progress)?;

    let chosen = 150;
    let input = digits.input(chosen, 1, &shape);
    let prover = Prover::builder(compiled, proving_key, srs).build()?;
    let proof = prover.prove(&input)?;
    let claim = prover.verifier().verify(&proof)?;

    let float = &model.run_float(&input)?[0];
    println!("the digit shows {}", digits.label(chosen));
    println!("logit   float     proven");
    for (class, (float, proven)) in float.iter().zip(&claim.tensors[0].values).enumerate() {
        println!("{class:>5} {float:>9.4} {proven:>9.4}");
    }
    Ok(())
}
