//! `zkml demo`.

mod digits;
mod steps;

use crate::config::{BackendArgs, choose_backend};
use crate::output::{Session, Verdict, bytes, describe_claim, draw_digit, next_step, peak_memory};
use anyhow::{Context, Result, ensure};
use clap::Args;
use digits::{Digits, SIDE};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use steps::{Step, Steps};
use zkml::{
    Claim, CompileOptions, CompiledModel, ImportOptions, Model, Proof, ProveOptions, Prover, SetupOptions,
    Srs, Verifier, VerifyingKey,
};

/// Classify a handwritten digit with LeNet-5, prove it, verify it.
///
/// Everything is built in: a LeNet-5 trained on MNIST and 200 digits that it was not trained on.
/// The SRS is made on the spot and forgotten; it is for development only.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Which digit to take
    #[arg(long, value_name = "0-9", value_parser = clap::value_parser!(u8).range(0..=9))]
    pub digit: Option<u8>,
    /// Take a random one
    #[arg(long)]
    pub random: bool,
    /// Also write the compiled model, the verifying key and the proof to this folder
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Where to compute.
    #[command(flatten)]
    pub backend: BackendArgs,
}

const EXAMPLES: &str = "\
Examples:
  zkml demo
  zkml demo --digit 7
  zkml demo --random --save out";

const LENET: &[u8] = include_bytes!("../../../../assets/mnist_lenet5.onnx");

#[derive(Serialize)]
struct Demo<'a> {
    digit: u8,
    predicted: Option<&'a str>,
    valid: bool,
    changed_output_rejected: bool,
    proof_bytes: usize,
    peak_memory_bytes: Option<u64>,
    steps: &'a [Step],
    claim: &'a Claim,
}

/// Runs the demo.
pub fn run(args: DemoArgs, session: &Session) -> Result<Verdict> {
    let device = choose_backend(args.backend, session)?;
    let digits = Digits::load()?;
    let chosen = digits.choose(args.digit, args.random)?;
    let label = digits.label(chosen);
    session.print(&format!(
        "A handwritten {label} from MNIST, {SIDE} x {SIDE} pixels:\n"
    ))?;
    session.print(&draw_digit(digits.pixels(chosen), SIDE))?;

    let progress = session.progress();
    let mut steps = Steps::new(session);
    let import = ImportOptions {
        labels: (0..10).map(|digit| digit.to_string()).collect(),
        ..ImportOptions::default()
    };
    let model = steps.run(
        "import LeNet-5",
        |_| String::new(),
        || Ok(Model::from_onnx(LENET, &import)?),
    )?;
    let compiled = steps.run("compile", describe_model, || {
        let calibration = digits.calibration(&model)?;
        Ok(model.compile(&calibration, &CompileOptions::default(), progress)?)
    })?;
    let srs = steps.run(
        "make an SRS",
        |_| "for development: unsafe for real use, forgotten at the end".to_owned(),
        || Ok(Srs::development(compiled.k(), progress)?),
    )?;
    let (proving_key, verifying_key) = steps.run(
        "make keys",
        |_| String::new(),
        || {
            let options = SetupOptions::default().device(device);
            Ok(compiled.setup_with(&srs, &options, progress)?)
        },
    )?;
    let inputs = digits.input(chosen, &model)?;
    let proof = steps.run(
        "prove",
        |proof: &Proof| format!("{} of proof", bytes(proof.bytes().len() as u64)),
        || {
            let prover = Prover::builder(compiled.clone(), proving_key, srs);
            let prover = prover.device(device).progress(progress).build()?;
            let options = ProveOptions::default().progress(progress);
            Ok(prover.prove_with(&inputs, &options)?.proof)
        },
    )?;
    let verifier = Verifier::new(verifying_key)?;
    let claim = steps.run("verify", |_| "valid".to_owned(), || Ok(verifier.verify(&proof)?))?;
    let forged = change_output(&proof)?;
    steps.run(
        "verify another output",
        |_| "rejected, as it must be".to_owned(),
        || {
            let answer = verifier.verify(&forged);
            ensure!(
                answer.as_ref().is_err_and(|e| e.is_invalid_proof()),
                "expected a changed output to be rejected, found {answer:?}; do not trust this build"
            );
            Ok(())
        },
    )?;

    let predicted = claim.tensors.iter().find_map(|tensor| tensor.label());
    let memory = peak_memory();
    let result = Demo {
        digit: label,
        predicted,
        valid: true,
        changed_output_rejected: true,
        proof_bytes: proof.bytes().len(),
        peak_memory_bytes: memory,
        steps: steps.all(),
        claim: &claim,
    };
    session.result(&result, || {
        let memory = memory
            .map(|m| format!("Peak memory: {}.\n", bytes(m)))
            .unwrap_or_default();
        let predicted = predicted.unwrap_or("none");
        format!(
            "{memory}\nThe model reads it as: {predicted}\n\nWhat the proof says, to whoever has the key and \
             nothing else:\n{}",
            describe_claim(&claim, zkml::ceremony::SrsStanding::Development)
        )
    })?;
    match &args.save {
        Some(dir) => save(dir, &compiled, verifier.key(), &proof, session)?,
        None => session
            .note("next: zkml compile MODEL.onnx --calibrate DATA (a model of your own; see zkml --help)"),
    }
    Ok(Verdict::Good)
}

fn describe_model(model: &CompiledModel) -> String {
    let layout = model.layout();
    let error = model
        .report()
        .map(|r| format!(", output error {:.1e}", r.worst_error))
        .unwrap_or_default();
    format!("{} rows, {} columns{error}", layout.rows, layout.advice_columns)
}

fn save(
    dir: &Path,
    model: &CompiledModel,
    key: &VerifyingKey,
    proof: &Proof,
    session: &Session,
) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
    let file = |extension: &str| dir.join("lenet5").with_extension(extension);
    model.save(&file("zkml"))?;
    key.save(&file("vk"))?;
    proof.save(&file("zkproof"))?;
    session.note(&next_step(&["verify", "--vk"], &[&file("vk"), &file("zkproof")]));
    Ok(())
}

/// The proof with its first public value replaced by another number.
fn change_output(proof: &Proof) -> Result<Proof> {
    let mut json: Value = serde_json::from_str(&proof.to_json()?)?;
    let value = json
        .get_mut("public_values")
        .and_then(|values| values.get_mut(0))
        .context("expected a public value in the proof, found none")?;
    let number = |n: u8| Value::from(format!("0x{n:064x}"));
    *value = if *value == number(1) { number(2) } else { number(1) };
    Ok(Proof::from_json(&json.to_string())?)
}
