//! The command line in a folder of its own: its SRS, the keys that it has checked, what it refuses.

use crate::report::Figure;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What a run gave.
pub struct Run {
    /// Its exit code, if it was not killed.
    pub code: Option<i32>,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr.
    pub stderr: String,
}

/// The program, run in a temporary folder.
pub struct Cli {
    zkml: PathBuf,
    folder: TempDir,
}

impl Cli {
    /// With an empty folder.
    pub fn new(zkml: &Path) -> Result<Self> {
        Ok(Self {
            zkml: zkml.canonicalize().context("cannot find the program")?,
            folder: tempfile::tempdir()?,
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Result<Run> {
        let output = Command::new(&self.zkml)
            .args(arguments)
            .current_dir(self.folder())
            .env("ZKML_SRS_DIR", self.folder().join("srs-cache"))
            .env("ZKML_CHECKED_KEYS", self.folder().join("checked-keys.json"))
            .env_remove("RUST_LOG")
            .output()
            .with_context(|| format!("cannot start {}", self.zkml.display()))?;
        Ok(Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// A command that must end with exit code 2 and say all of this.
    pub fn refused(&self, arguments: &[&str], says: &[&str]) -> Result<Figure> {
        let run = self.run(arguments)?;
        let said = says.iter().all(|words| run.stderr.contains(words));
        let last = run.stderr.lines().last().unwrap_or_default();
        let text = match (run.code, said) {
            (Some(2), true) => "exit code 2".to_owned(),
            (code, _) => format!("exit code {code:?}: {last}"),
        };
        Ok(Figure::new(run.code == Some(2) && said, text))
    }

    /// The JSON result of a command that must succeed.
    pub fn json(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        let run = self.run(&[arguments, &["--json"]].concat())?;
        anyhow::ensure!(
            run.code == Some(0),
            "{}: expected exit code 0, found {:?}: {}",
            arguments.join(" "),
            run.code,
            run.stderr
        );
        Ok(serde_json::from_str(&run.stdout)?)
    }
}
