//! Items that NVIDIA's tools measure: the profiler and the sanitizer.

use super::super::{busy_item, not_run, sanitizer_items};
use crate::process;
use crate::report::{Figure, Report};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// Share of a proof's time in which the GPU must compute.
const BUSY: f64 = 0.8;

fn has(tool: &str) -> bool {
    let output = Command::new(tool).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}

/// The share of the time in which kernels run, by `nsys`.
pub fn busy(report: &mut Report) {
    if !has("nsys") {
        return not_run(report, vec![busy_item()], "nsys (Nsight Systems) is not here");
    }
    report.measure(busy_item(), measure_busy);
}

fn measure_busy() -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("proof.nsys-rep");
    let program = std::env::current_exe()?;
    let profiled = process::run(
        Command::new("nsys")
            .args([
                "profile",
                "--trace=cuda",
                "--sample=none",
                "--force-overwrite=true",
                "-o",
            ])
            .arg(&file)
            .arg(program)
            .args(["cuda", "--profiled"]),
    )?;
    let line = profiled.stdout.lines().find(|line| line.starts_with('{'));
    let result: serde_json::Value =
        serde_json::from_str(line.context("the profiled program printed no time")?)?;
    let proof = result["seconds"].as_f64().context("no time")?;
    let stats = process::run(
        Command::new("nsys")
            .args([
                "stats",
                "--report",
                "cuda_gpu_kern_sum",
                "--format",
                "csv",
                "--force-export=true",
            ])
            .arg(&file),
    )?;
    // Columns: share in percent, total nanoseconds, instances, ...; the key is not part of it, proofs alone run kernels
    // that count, and there are as many of them as the program says.
    let total: f64 = stats
        .stdout
        .lines()
        .filter_map(|line| line.split(',').nth(1)?.parse::<f64>().ok())
        .sum();
    ensure!(total > 0.0, "nsys saw no kernel:\n{}", stats.stdout);
    let proofs = result["proofs"].as_f64().context("no number of proofs")?;
    let share = total / 1e9 / proofs / proof;
    Ok(Figure::new(
        share >= BUSY,
        format!("{:.0} % of {proof:.3} s", 100.0 * share),
    ))
}

/// The conformance suite under compute-sanitizer: a test program, which `ZKML_CONFORMANCE` names.
pub fn sanitizer(report: &mut Report) {
    let program = std::env::var_os("ZKML_CONFORMANCE").map(PathBuf::from);
    for (item, tool) in sanitizer_items().into_iter().zip(["memcheck", "racecheck"]) {
        match &program {
            _ if !has("compute-sanitizer") => not_run(report, vec![item], "compute-sanitizer is not here"),
            None => not_run(
                report,
                vec![item],
                "name the program of the test `conformance` of gpu-msm with ZKML_CONFORMANCE",
            ),
            Some(program) => report.measure(item, || {
                let mut command = Command::new("compute-sanitizer");
                command
                    .args(["--tool", tool, "--error-exitcode", "1"])
                    .arg(program);
                let finished = process::run(command.args(["every_backend_here_conforms", "--nocapture"]))?;
                let summary = finished
                    .stdout
                    .lines()
                    .rev()
                    .find(|line| line.contains("ERROR SUMMARY"));
                Ok(Figure::new(
                    true,
                    summary.unwrap_or("no error").trim_matches('=').trim(),
                ))
            }),
        }
    }
}
