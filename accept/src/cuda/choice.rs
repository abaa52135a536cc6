//! One binary for machines with and without a GPU.

use crate::process;
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Asks the command line for each backend.
pub fn run(zkml: &Result<PathBuf>, report: &mut Report) {
    let zkml = || zkml.as_deref().map_err(|error| anyhow!("{error:#}"));
    report.measure(Item::new("zkml doctor", "says what this machine has"), || {
        doctor(zkml()?)
    });
    report.measure(
        Item::new("--backend auto", "proves; without a GPU it says so in one line"),
        || automatic(zkml()?),
    );
    report.measure(
        Item::new(
            "--backend cuda",
            "proves on the GPU, or fails and names the reason",
        ),
        || explicit(zkml()?),
    );
}

fn demo(zkml: &Path, backend: &str) -> Result<Output> {
    Command::new(zkml)
        .args(["demo", "--json", "--backend", backend])
        .output()
        .context("zkml cannot be started")
}

/// What `zkml doctor --json` says.
fn report_of(zkml: &Path) -> Result<serde_json::Value> {
    let finished = process::run(Command::new(zkml).args(["doctor", "--json"]))?;
    Ok(serde_json::from_str(&finished.stdout)?)
}

fn has_gpu(report: &serde_json::Value) -> bool {
    report["cuda"]["gpus"]
        .as_array()
        .is_some_and(|gpus| !gpus.is_empty())
}

fn doctor(zkml: &Path) -> Result<Figure> {
    let report = report_of(zkml)?;
    let cpu = report["cpu"]["name"]
        .as_str()
        .context("expected the CPU's name")?;
    let cuda = match report["cuda"]["problem"].as_str() {
        Some(problem) => format!("no GPU: {problem}"),
        None => format!("GPUs: {}", report["cuda"]["gpus"]),
    };
    let operations = report["operations"].as_array().map_or(0, Vec::len);
    Ok(Figure::new(
        operations > 0,
        format!("{cpu}; {cuda}; {operations} operations"),
    ))
}

fn automatic(zkml: &Path) -> Result<Figure> {
    let report = report_of(zkml)?;
    let output = demo(zkml, "auto")?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {stderr}", output.status);
    let lines: Vec<&str> = stderr
        .lines()
        .filter(|line| line.contains("not on a GPU"))
        .collect();
    let built = report["cuda"]["built"].as_bool().unwrap_or(false);
    let expected = usize::from(built && !has_gpu(&report));
    Ok(Figure::new(
        lines.len() == expected,
        match lines.first() {
            Some(line) => format!("proven; \"{line}\""),
            None => "proven".to_owned(),
        },
    ))
}

fn explicit(zkml: &Path) -> Result<Figure> {
    let report = report_of(zkml)?;
    let output = demo(zkml, "cuda")?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    match (has_gpu(&report), output.status.code()) {
        (true, Some(0)) => Ok(Figure::new(true, "proven on the GPU")),
        (false, Some(2)) => {
            let line = stderr
                .lines()
                .find(|line| line.starts_with("error:"))
                .unwrap_or("");
            Ok(Figure::new(
                line.contains("GPU"),
                format!("exit code 2, \"{line}\""),
            ))
        }
        (_, code) => bail!("exit code {code:?}: {stderr}"),
    }
}
