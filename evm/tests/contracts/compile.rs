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

/// Writes a generated source beside the others.
pub fn publish(name: &str, text: &str) {
    std::fs::write(root().join(format!("solidity/src/{name}.sol")), text).unwrap();
}

/// A contract that is committed, and the sources that it is made from.
pub struct Source {
    pub name: &'static str,
    pub files: Vec<(String, String)>,
}

impl Source {
    /// A generated source.
    pub fn generated(name: &'static str, text: String) -> Self {
        let files = vec![(format!("src/{name}.sol"), text)];
        Source { name, files }
    }

    /// Files of the folder `solidity`.
    pub fn committed(name: &'static str, files: &[&str]) -> Self {
        let read = |file: &&str| {
            let path = root().join("solidity").join(file);
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            ((*file).to_owned(), text)
        };
        Source {
            name,
            files: files.iter().map(read).collect(),
        }
    }

    /// With another text in place of one that stands once in its files: a contract without a check.
    pub fn replaced(mut self, from: &str, to: &str) -> Self {
        let count: usize = self
            .files
            .iter()
            .map(|(_, text)| text.matches(from).count())
            .sum();
        assert_eq!(count, 1, "{from}");
        for (_, text) in &mut self.files {
            *text = text.replace(from, to);
        }
        self
    }

    pub fn hash(&self) -> String {
        let mut hash = Keccak256::new();
        self.files.iter().for_each(|(_, text)| hash.update(text));
        hex::encode(hash.finalize())
    }

    /// Compiles, and writes the artefact.
    pub fn update(&self) {
        let contract = self.compile(&[]).expect("updating needs node");
        let json = json!({
            "name": self.name,
            "sourceHash": self.hash(),
            "init": hex::encode(&contract.init),
            "runtime": hex::encode(&contract.runtime),
        });
        let path = root().join("artifacts").join(format!("{}.json", self.name));
        let text = serde_json::to_string_pretty(&json).unwrap();
        std::fs::write(path, text + "\n").unwrap();
    }

    /// Compiles with the pinned compiler and its options for `compile.js`; `None` without node.
    pub fn compile(&self, options: &[&str]) -> Option<Compiled> {
        let folder = solc()?;
        let directory = std::env::temp_dir().join(format!("zkml-evm-{}-{}", std::process::id(), self.name));
        let mut command = Command::new("node");
        command
            .arg(folder.join("compile.js"))
            .args(options)
            .arg("1000000");
        for (file, text) in &self.files {
            let path = directory.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            command.arg(path);
        }
        let output = command.output().unwrap();
        let _ = std::fs::remove_dir_all(&directory);
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {messages}", self.name);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let bytes = |key: &str| hex::decode(json[self.name][key].as_str().unwrap()).unwrap();
        Some(Compiled {
            source_hash: self.hash(),
            init: bytes("init"),
            runtime: bytes("runtime"),
        })
    }
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
