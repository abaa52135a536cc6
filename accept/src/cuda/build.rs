//! What needs no GPU: the build, and the device's code on the host.

use crate::report::{Figure, Item, Report};
use crate::{data, process};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use zkml_kernels::{Backend, Cpu, Isa, conformance};

/// The feature, the device's code on the host, and the conformance suite on the CPU.
pub fn run(report: &mut Report) {
    report.measure(
        Item::new("feature `cuda`", "compiles and links; no CUDA library is loaded"),
        linked,
    );
    let items = vec![
        Item::new("device code on the host", "equals halo2curves"),
        Item::new(
            "conformance on an emulated GPU",
            "equals the oracle, in every order of threads; no race, no access outside",
        ),
        Item::new(
            "proofs on an emulated GPU",
            "equal the CPU's byte for byte; failures fail one proof",
        ),
    ];
    match cargo() {
        Ok(cargo) => {
            let tests = [
                ("zkml-kernels", "cuda_host"),
                ("zkml-kernels", "cuda_emulated"),
                ("zkml-prover", "engine"),
            ];
            for (item, (package, test)) in items.into_iter().zip(tests) {
                report.measure(item, || emulated(&cargo, package, test));
            }
        }
        Err(reason) => report.not_run(&items, &reason),
    }
    for isa in Isa::ALL {
        let item = Item::new(format!("conformance on the CPU, {isa}"), "equals the oracle");
        match Cpu::with_isa(isa) {
            Ok(cpu) => report.measure(item, || conforms(&cpu)),
            Err(error) => report.not_run(&[item], &error.to_string()),
        }
    }
}

/// This program has the feature, so it was compiled and linked; and started without CUDA's libraries.
fn linked() -> Result<Figure> {
    if !cfg!(feature = "cuda") {
        let text =
            "this program lacks it; build with `--features zkml-accept/cuda` after scripts/cuda_toolkit.sh";
        return Ok(Figure::new(false, text));
    }
    let maps =
        std::fs::read_to_string("/proc/self/maps").context("this system does not tell what is loaded")?;
    let loaded = |name: &str| maps.lines().any(|line| line.contains(name));
    Ok(
        match ["libcudart", "libcuda.so"].into_iter().find(|name| loaded(name)) {
            // A driver, where there is one, is loaded when it is first asked for.
            Some("libcuda.so") => Figure::new(true, "in this program; the driver is loaded"),
            Some(name) => Figure::new(
                false,
                format!("{name} is loaded, expected the runtime in the program"),
            ),
            None => Figure::new(true, "in this program; none is loaded"),
        },
    )
}

/// Cargo and the workspace, which tests of the emulation are built from.
fn cargo() -> Result<PathBuf, String> {
    let root = data::root();
    if !root.join("Cargo.toml").is_file() {
        return Err(format!("the sources are not here: no {}", root.display()));
    }
    match Command::new("cargo").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(root),
        _ => Err("cargo, which builds the emulation, is not here".into()),
    }
}

/// Runs a test program with the emulated GPU; what it prints tells how many tests passed.
fn emulated(root: &Path, package: &str, test: &str) -> Result<Figure> {
    let mut command = Command::new("cargo");
    command
        .current_dir(root)
        .args(["test", "--locked", "-p", package, "--features", "cuda-host"]);
    command.args(["--test", test]);
    if package == "zkml-prover" {
        command.arg("cuda::");
    }
    let finished = process::run(&mut command)?;
    let passed = finished
        .stdout
        .lines()
        .filter_map(|line| {
            line.strip_prefix("test result: ok. ")?
                .split(' ')
                .next()?
                .parse::<u32>()
                .ok()
        })
        .sum::<u32>();
    Ok(Figure::new(
        passed > 0,
        format!("{passed} tests pass in {:.0} s", finished.time.as_secs_f64()),
    ))
}

/// Runs the conformance suite, which panics where a backend differs.
pub(super) fn conforms<B: Backend>(backend: &B) -> Result<Figure> {
    let run = std::panic::AssertUnwindSafe(|| conformance::check(backend));
    let outcome = std::panic::catch_unwind(run);
    Ok(match outcome {
        Ok(()) => Figure::new(true, backend.name()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Figure::new(false, text.unwrap_or_else(|| "it differs".to_owned()))
        }
    })
}
