//! Compiled contracts: those that are committed, and those that node compiles where it is.

use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// A compiled contract.
pub struct Compiled {
    pub source_hash: String,
    pub init: Vec<u8>,
    pub runtime: Vec<u8>,
}

impl Compiled {
    pub fn hash(source: &str) -> String {
        hex::encode(Keccak256::digest(source))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A contract of the folder `artifacts`.
pub fn artefact(name: &str) -> Compiled {
    let path = root().join("artifacts").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let json: Value = serde_json::from_str(&text).unwrap();
    let text = |key: &str| json[key].as_str().unwrap().to_owned();
    Compiled {
        source_hash: text("sourceHash"),
        init: hex::decode(text("init")).unwrap(),
        runtime: hex::decode(text("runtime")).unwrap(),
    }
}

/// Compiles a source and writes the artefact.
pub fn update(name: &str, source: &str) {
    let contract = fresh(name, source).expect("updating needs node");
    let json = json!({
        "name": name,
        "sourceHash": contract.source_hash,
        "init": hex::encode(&contract.init),
        "runtime": hex::encode(&contract.runtime),
    });
    let path = root().join("artifacts").join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(&json).unwrap();
    std::fs::write(path, text + "\n").unwrap();
}

/// Compiles a source with the pinned compiler; `None` without node.
pub fn fresh(name: &str, source: &str) -> Option<Compiled> {
    let folder = solc()?;
    let directory = std::env::temp_dir().join(format!("zkml-evm-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join(format!("{name}.sol"));
    std::fs::write(&file, source).unwrap();
    let output = Command::new("node")
        .arg(folder.join("compile.js"))
        .arg("1000000")
        .arg(&file)
        .output()
        .unwrap();
    let _ = std::fs::remove_dir_all(&directory);
    assert!(
        output.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bytes = |key: &str| hex::decode(json[name][key].as_str().unwrap()).unwrap();
    Some(Compiled {
        source_hash: Compiled::hash(source),
        init: bytes("init"),
        runtime: bytes("runtime"),
    })
}

/// The folder with the compiler, which npm fills on first use.
fn solc() -> Option<PathBuf> {
    static INSTALL: Mutex<()> = Mutex::new(());
    let _guard = INSTALL.lock().unwrap_or_else(|e| e.into_inner());
    let folder = root().join("solc");
    Command::new("node").arg("--version").output().ok()?;
    if !folder.join("node_modules/solc").is_dir() {
        let status = Command::new("npm")
            .args(["ci", "--silent"])
            .current_dir(&folder)
            .status();
        assert!(
            status.is_ok_and(|s| s.success()),
            "npm ci in {}",
            folder.display()
        );
    }
    Some(folder)
}
