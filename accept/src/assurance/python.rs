//! Programs in Python: the verifier that is written from docs/proof-format.md alone, and a solver.

use crate::data::root;
use crate::process;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The package of the solver.
const SOLVER: &str = "z3-solver==5.4.1";

/// What it says of folders of cases.
pub struct Agreement {
    /// Its last line.
    pub summary: String,
    /// How long it took.
    pub time: Duration,
}

/// Has it judge folders of cases; an error if one of its verdicts is another than the recorded one.
pub fn judge(python: &Path, command: &str, folder: &Path) -> Result<Agreement> {
    let mut child = Command::new(python);
    child
        .args(["-m", "zkml_spec", command])
        .arg(folder)
        .env("PYTHONPATH", root().join("spec"));
    let finished = process::run(&mut child)?;
    let summary = finished.stdout.lines().last().context("it printed nothing")?;
    Ok(Agreement {
        summary: summary.to_owned(),
        time: finished.time,
    })
}

/// A Python with the solver, in a virtual environment beside the build.
pub fn solver(python: &Path) -> Result<PathBuf> {
    let folder = std::env::current_exe()?.with_file_name("solver-venv");
    let own = folder.join("bin/python");
    let has = |program: &Path| {
        let mut child = Command::new(program);
        child
            .args(["-c", "import z3"])
            .stderr(std::process::Stdio::null());
        process::run(&mut child).is_ok()
    };
    if !has(&own) {
        process::run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
        process::run(Command::new(&own).args(["-m", "pip", "install", "--quiet", SOLVER]))
            .with_context(|| format!("cannot install {SOLVER} from the package index"))?;
    }
    Ok(own)
}
