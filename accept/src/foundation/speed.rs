//! Time, memory and proof size of LeNet-5 on one digit.

use super::{CALIBRATION, LENET5, asset_model};
use crate::data::{Digits, asset};
use crate::process::{self, Finished};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Workshop, median};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use zkml::{CompileOptions, VerifyingKey};

const PROVE: Duration = Duration::from_millis(2500);
const MEMORY: u64 = 1_000_000_000;
const VERIFY: Duration = Duration::from_millis(10);
const PROOF: usize = 6_000;

/// Measures memory in processes of the command line, and the rest in this one.
pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let item = |what: &str, bar: &str| Item::new(format!("{}: {what}", LENET5.0), bar);
    let memory = item("peak memory of setup and prove", "at most 1 GB");
    match zkml.and_then(processes) {
        Ok([Some(setup), Some(prove)]) => report.measure(memory, || {
            Ok(Figure::new(
                setup.max(prove) <= MEMORY,
                format!("{} MB and {} MB", setup / 1_000_000, prove / 1_000_000),
            ))
        }),
        Ok(_) => report.not_run(&[memory], "this system does not tell the memory of a process"),
        Err(error) => report.measure(memory, || Err(error)),
    }
    let items = vec![
        item("prove", "at most 2.5 s"),
        item("verify with the key loaded", "at most 10 ms"),
        item("proof", "at most 6,000 bytes"),
    ];
    report.measure_all(items, || in_process(workshop));
}

/// Peak memory of `zkml setup` and `zkml prove`.
fn processes(zkml: &Path) -> Result<[Option<u64>; 2]> {
    let folder = tempfile::tempdir()?;
    let run = |command: &mut Command| -> Result<Finished> {
        process::run(
            command
                .args(["--json", "--quiet"])
                .current_dir(&folder)
                .env("ZKML_SRS_DIR", folder.path()),
        )
    };
    let digits = asset("mnist_digits.npz").canonicalize()?;
    let images = format!("{}:images", digits.display());
    let model = asset(LENET5.1).canonicalize()?;
    let scale = ["--pixel-scale", "1/255"];
    let calibration = ["--calibrate", &images];
    let output = ["-o", "lenet5.zkml"];
    let compiled = run(Command::new(zkml)
        .arg("compile")
        .arg(model)
        .args(calibration)
        .args(scale)
        .args(output))?;
    let compiled: serde_json::Value = serde_json::from_str(&compiled.stdout)?;
    let k = compiled["circuit"]["k"]
        .as_u64()
        .context("zkml compile tells no k")?;
    run(Command::new(zkml).args(["srs", "new", "-k", &k.to_string()]))?;
    let setup = run(Command::new(zkml).args(["setup", "lenet5.zkml"]))?;
    let input = format!("{images}[0]");
    let prove = run(Command::new(zkml)
        .args(["prove", "lenet5.zkml", "--input", &input])
        .args(scale))?;
    Ok([setup.memory, prove.memory])
}

fn in_process(workshop: &mut Workshop) -> Result<Vec<Figure>> {
    let inputs = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
    let model = asset_model(LENET5.1, 1)?;
    let setup = workshop.setup(&model, &inputs[..CALIBRATION], &CompileOptions::default())?;
    let prove = setup.prove_time(&inputs[0], 3)?;
    let proof = setup.prove(&inputs[0])?;
    let verify = median(21, || Ok(setup.prover()?.verifier().verify(&proof)?))?;
    let bytes = setup.verifying_key.to_bytes()?;
    let load = median(5, || Ok(VerifyingKey::from_bytes(&bytes)?))?;
    let size = proof.bytes().len();
    let (seconds, milliseconds) = (Duration::as_secs_f64, |t: &Duration| 1e3 * t.as_secs_f64());
    Ok(vec![
        Figure::new(
            prove <= PROVE,
            format!(
                "{:.2} s, median of 3 (k = {}; keys took {:.2} s)",
                seconds(&prove),
                setup.model.k(),
                seconds(&setup.key_time)
            ),
        ),
        Figure::new(
            verify <= VERIFY,
            format!(
                "{:.1} ms, median of 21 (loading the key of {} bytes costs {:.1} ms)",
                milliseconds(&verify),
                bytes.len(),
                milliseconds(&load)
            ),
        ),
        Figure::new(size <= PROOF, format!("{size} bytes")),
    ])
}
