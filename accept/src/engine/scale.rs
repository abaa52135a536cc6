//! Time and memory of MLPs of growing size.

use crate::process;
use crate::report::{Figure, Item, Report};
use crate::{Args, data};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The models that the script makes, with their parameters.
const MODELS: [(&str, f64); 3] = [
    ("mlp_50k", 49_723.0),
    ("mlp_500k", 499_843.0),
    ("mlp_4m", 4_206_595.0),
];
const SECONDS: f64 = 4.0;
const MEMORY: u64 = 4_000_000_000;
/// Inputs that the script writes beside the models.
const INPUTS: &str = "mlp_inputs.npz:inputs";

/// What one model took.
struct Cost {
    k: u64,
    seconds: f64,
    memory: Option<u64>,
}

/// Runs the models that `benches/make_mlps.py` writes.
pub fn run(zkml: Result<&Path>, args: &Args, report: &mut Report) {
    let items = vec![
        Item::new("MLPs: time of a proof", "grows no faster than the model"),
        Item::new("MLPs: peak memory of a proof", "grows no faster than the model"),
        Item::new("MLP of 4 million: prove", format!("at most {SECONDS} s")),
        Item::new("MLP of 4 million: peak memory", "at most 4 GB"),
    ];
    let folder = match models(&args.python) {
        Ok(folder) => folder,
        Err(error) => return report.not_run(&items, &format!("the models cannot be made: {error:#}")),
    };
    report.measure_all(items, || measure(zkml?, folder.path()));
}

/// Makes the models in a virtual environment under `target`.
fn models(python: &Path) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let script = data::bench("make_mlps.py");
    let environment = script
        .parent()
        .and_then(Path::parent)
        .context("the script has no folder")?
        .join("target/models-venv");
    let inside: PathBuf = environment.join("bin/python");
    if !inside.is_file() {
        process::run(Command::new(python).args(["-m", "venv"]).arg(&environment))?;
    }
    let install = ["-m", "pip", "install", "--quiet", "onnx", "numpy"];
    process::run(Command::new(&inside).args(install))?;
    process::run(Command::new(&inside).arg(script).arg(folder.path()))?;
    Ok(folder)
}

fn measure(zkml: &Path, folder: &Path) -> Result<Vec<Figure>> {
    let costs = MODELS
        .iter()
        .map(|(name, _)| prove(zkml, folder, name))
        .collect::<Result<Vec<_>>>()?;
    let curve = |figure: &dyn Fn(&Cost) -> String| {
        let points = MODELS.iter().zip(&costs);
        let points: Vec<String> = points
            .map(|((name, _), cost)| format!("{name} {}", figure(cost)))
            .collect();
        points.join(", ")
    };
    // A constant part makes small models dear; from each model to the next, no more than its growth.
    let grows = |figure: &dyn Fn(&Cost) -> f64| {
        let steps = costs.windows(2).zip(MODELS.windows(2));
        steps
            .map(|(costs, models)| (figure(&costs[1]) / figure(&costs[0])) / (models[1].1 / models[0].1))
            .all(|excess| excess <= 1.0)
    };
    let Some(memories) = costs.iter().map(|cost| cost.memory).collect::<Option<Vec<u64>>>() else {
        bail!("this system does not tell the memory of a process");
    };
    let (last, memory) = (&costs[costs.len() - 1], memories[memories.len() - 1]);
    Ok(vec![
        Figure::new(
            grows(&|cost| cost.seconds),
            curve(&|cost| format!("k = {}: {:.2} s", cost.k, cost.seconds)),
        ),
        Figure::new(
            grows(&|cost| cost.memory.unwrap_or(0) as f64),
            curve(&|cost| format!("{} MB", cost.memory.unwrap_or(0) / 1_000_000)),
        ),
        Figure::new(last.seconds <= SECONDS, format!("{:.2} s", last.seconds)),
        Figure::new(memory <= MEMORY, format!("{} MB", memory / 1_000_000)),
    ])
}

/// Compiles, makes keys and proves with the command line; the time is that of the proof alone,
/// the memory that of the whole process, key and SRS included.
fn prove(zkml: &Path, folder: &Path, name: &str) -> Result<Cost> {
    let run = |args: &[&str]| {
        process::run(
            Command::new(zkml)
                .args(args)
                .args(["--json", "--quiet"])
                .current_dir(folder)
                .env("ZKML_SRS_DIR", folder),
        )
    };
    let (onnx, model) = (format!("{name}.onnx"), format!("{name}.zkml"));
    let compiled = run(&["compile", &onnx, "--calibrate", INPUTS, "-o", &model])?;
    let compiled: serde_json::Value = serde_json::from_str(&compiled.stdout)?;
    let k = compiled["circuit"]["k"]
        .as_u64()
        .context("zkml compile tells no k")?;
    // The cache may hold it already.
    let size = k.to_string();
    run(&["srs", "new", "-k", &size]).or_else(|_| run(&["srs", "list"]))?;
    run(&["setup", &model])?;
    let proven = run(&["prove", &model, "--input", &format!("{INPUTS}[0]")])?;
    let result: serde_json::Value = serde_json::from_str(&proven.stdout)?;
    let seconds = result["seconds"].as_f64().context("zkml prove tells no time")?;
    Ok(Cost {
        k,
        seconds,
        memory: proven.memory,
    })
}
