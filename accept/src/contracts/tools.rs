//! Programs that npm installs: compilers, the linter, the node. Their versions are pinned by lock files.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A compiled contract.
pub struct Compiled {
    /// Code that deploys it.
    pub init: Vec<u8>,
    /// Code that is deployed.
    pub runtime: Vec<u8>,
}

/// Folders with what npm installed.
pub struct Tools {
    solc: PathBuf,
    checks: PathBuf,
}

/// The compilers that are tried: both ends of what the pragma allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// The pinned one, the newest.
    Newest,
    /// The oldest that the pragma allows.
    Oldest,
}

impl Tools {
    /// Installs what is missing.
    ///
    /// Fails without Node.js and npm.
    pub fn install() -> Result<Self> {
        let folder = |name: &str| -> Result<PathBuf> {
            let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "evm", name].iter().collect();
            if !folder.join("node_modules").is_dir() {
                run(Command::new("npm").args(["ci", "--silent"]).current_dir(&folder))?;
            }
            Ok(folder.canonicalize()?)
        };
        Ok(Self {
            solc: folder("solc")?,
            checks: folder("tools")?,
        })
    }

    /// Compiles files without a warning; the result is the contracts by name.
    pub fn compile_files(&self, compiler: Compiler, files: &[PathBuf]) -> Result<Value> {
        self.run_compiler(compiler, &[], files)
    }

    /// Compiles a file of others, whatever the compiler says of it.
    pub fn compile_foreign(&self, file: PathBuf) -> Result<Value> {
        self.run_compiler(Compiler::Newest, &["--warnings"], &[file])
    }

    fn run_compiler(&self, compiler: Compiler, options: &[&str], files: &[PathBuf]) -> Result<Value> {
        let mut command = Command::new("node");
        if compiler == Compiler::Oldest {
            command.env("ZKML_SOLC", self.checks.join("node_modules/solc-oldest"));
        }
        let stdout = run(command
            .arg(self.solc.join("compile.js"))
            .args(options)
            .arg(zkml_evm::OPTIMIZER_RUNS.to_string())
            .args(files))?;
        Ok(serde_json::from_str(&stdout)?)
    }

    /// Compiles a source that needs no other.
    pub fn compile(&self, compiler: Compiler, name: &str, source: &str) -> Result<Compiled> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(format!("{name}.sol"));
        std::fs::write(&file, source)?;
        let all = self.compile_files(compiler, &[file])?;
        contract(&all, name)
    }

    /// Checks sources in a folder that has a `.solhint.json`.
    pub fn lint(&self, folder: &Path) -> Result<()> {
        let patterns = ["src/*.sol", "test/*.sol"];
        run(Command::new(self.checks.join("node_modules/.bin/solhint"))
            .args(["--max-warnings", "0", "--noPoster", "--disc"])
            .args(patterns)
            .current_dir(folder))?;
        Ok(())
    }

    /// The node's program.
    pub fn anvil(&self) -> Command {
        Command::new(self.checks.join("node_modules/.bin/anvil"))
    }
}

/// A contract of what the compiler gave.
pub fn contract(all: &Value, name: &str) -> Result<Compiled> {
    let code = |key: &str| -> Result<Vec<u8>> {
        let digits = all[name][key].as_str();
        let digits = digits.with_context(|| format!("expected the contract {name}, found none"))?;
        Ok(hex::decode(digits)?)
    };
    Ok(Compiled {
        init: code("init")?,
        runtime: code("runtime")?,
    })
}

fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
