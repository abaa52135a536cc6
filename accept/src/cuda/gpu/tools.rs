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

/// The share of the last proof's time in which kernels run, by `nsys`.
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
    let trace = process::run(
        Command::new("nsys")
            .args([
                "stats",
                "--report",
                "cuda_gpu_trace",
                "--format",
                "csv",
                "--force-export=true",
            ])
            .arg(&file),
    )?;
    let kernels = kernels(&trace.stdout);
    ensure!(!kernels.is_empty(), "nsys saw no kernel:\n{}", trace.stdout);
    let share = last_share(&kernels, proof);
    Ok(Figure::new(
        share >= BUSY,
        format!("{:.0} % of {proof:.3} s", 100.0 * share),
    ))
}

/// Start and end of every kernel in nanoseconds. The report's first columns are start and duration; copies and fills
/// have names in brackets.
fn kernels(csv: &str) -> Vec<(f64, f64)> {
    csv.lines()
        .filter(|line| !line.contains("[CUDA "))
        .filter_map(|line| {
            let mut columns = line
                .split(',')
                .map(|column| column.trim_matches('"').parse::<f64>());
            let start = columns.next()?.ok()?;
            Some((start, start + columns.next()?.ok()?))
        })
        .collect()
}

/// The share of so many seconds up to the end of the last kernel in which at least one runs: kernels of several
/// streams may overlap.
fn last_share(kernels: &[(f64, f64)], seconds: f64) -> f64 {
    let mut kernels = kernels.to_vec();
    kernels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let end = kernels.iter().map(|kernel| kernel.1).fold(0.0, f64::max);
    let mut counted = end - seconds * 1e9;
    let mut busy = 0.0;
    for (start, stop) in kernels {
        let start = start.max(counted);
        busy += (stop - start).max(0.0);
        counted = counted.max(stop);
    }
    busy / (seconds * 1e9)
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
                "name the program of the test `conformance` of zkml-kernels with ZKML_CONFORMANCE",
            ),
            Some(program) => report.measure(item, || {
                let mut command = Command::new("compute-sanitizer");
                command
                    .args(["--tool", tool, "--error-exitcode", "1"])
                    .arg(program)
                    // Or the suite would pass without the GPU.
                    .env(zkml_kernels::conformance::REQUIRED, "cuda");
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

#[cfg(test)]
mod tests {
    use super::{kernels, last_share};

    const TRACE: &str = "\
Start (ns),Duration (ns),CorrId,Name
100,50,1,\"[CUDA memcpy Host-to-Device]\"
100,100,2,\"a(int, int)\"
1000,100,3,b
1050,150,4,c
1400,100,5,d
";

    #[test]
    fn the_last_proof_counts() {
        let kernels = kernels(TRACE);
        assert_eq!(
            kernels,
            [
                (100.0, 200.0),
                (1000.0, 1100.0),
                (1050.0, 1200.0),
                (1400.0, 1500.0)
            ]
        );
        // From 500 on: 1000 to 1200, 1400 to 1500.
        assert!((last_share(&kernels, 1000e-9) - 0.3).abs() < 1e-9);
        // From 1050 on.
        assert!((last_share(&kernels, 450e-9) - 250.0 / 450.0).abs() < 1e-9);
    }
}
