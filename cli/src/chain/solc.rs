//! The pinned Solidity compiler, which runs in Node.js.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use zkml::advanced::write_atomically;
use zkml_evm::{OPTIMIZER_RUNS, SOLC_FILES, SOLC_VERSION};

/// Compiles sources; the result is JSON, the contracts by name.
pub fn compile(sources: &[PathBuf]) -> Result<serde_json::Value> {
    let folder = install()?;
    let output = Command::new("node")
        .arg(folder.join("compile.js"))
        .arg(OPTIMIZER_RUNS.to_string())
        .args(sources)
        .stdin(Stdio::null())
        .output()
        .context("cannot start node; compiling needs Node.js and npm, writing sources does not")?;
    ensure!(
        output.status.success(),
        "solc {SOLC_VERSION} refused the source:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).context("solc: expected JSON, found something else")
}

/// The compiler's folder, which npm fills on first use.
fn install() -> Result<PathBuf> {
    let folder = match std::env::var_os("ZKML_SOLC_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => directories::ProjectDirs::from("", "", "zkml")
            .context("this user has no cache folder; set ZKML_SOLC_DIR")?
            .cache_dir()
            .join(format!("solc-{SOLC_VERSION}")),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, content) in SOLC_FILES {
        write_atomically(&folder.join(name), |w| w.write_all(content.as_bytes()))?;
    }
    if !folder.join("node_modules").join("solc").is_dir() {
        npm(&folder)?;
    }
    Ok(folder)
}

fn npm(folder: &Path) -> Result<()> {
    let status = Command::new("npm")
        .args(["ci", "--silent"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("cannot start npm; compiling needs Node.js and npm, writing sources does not")?;
    ensure!(
        status.success(),
        "npm could not install solc {SOLC_VERSION} in {}",
        folder.display()
    );
    Ok(())
}
