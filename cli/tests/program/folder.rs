//! A folder with a small model, and the program run in it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A temporary folder with `model.onnx` (one Gemm, 2 x 5 to 2 x 4), `calibration.json` and
/// `input.json`. Cached SRS lie in its folder `srs`.
pub struct Folder(TempDir);

/// What a run of the program gave.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Checks the exit code, and that the program did not panic.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Checks that the message on stderr has these words.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "expected {word:?} in {self:?}");
        }
        self
    }

    /// The result of a run with `--json`.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Folder {
    pub fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let fixture = |name: &str| -> PathBuf {
            [env!("CARGO_MANIFEST_DIR"), "..", "tests", "models", "gemm", name]
                .iter()
                .collect()
        };
        std::fs::copy(fixture("network.onnx"), folder.path("model.onnx")).unwrap();
        let data: Value = serde_json::from_slice(&std::fs::read(fixture("data.json")).unwrap()).unwrap();
        let samples = data["inputs"].as_array().unwrap();
        let flat: Vec<&Value> = samples
            .iter()
            .flat_map(|set| set[0].as_array().unwrap())
            .collect();
        folder.write_json("calibration.json", &serde_json::json!({ "input_data": [flat] }));
        folder.write_json("input.json", &serde_json::json!({ "input_data": samples[0] }));
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn write_json(&self, name: &str, content: &Value) {
        self.write(name, content.to_string());
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs the program in the folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(arguments, &self.path("srs"))
    }

    /// Runs the program in the folder, with SRS from another folder.
    pub fn run_in(&self, arguments: &[&str], srs: &Path) -> Run {
        self.command(arguments, srs).output().unwrap().into()
    }

    /// Runs the program in the folder with a log.
    pub fn run_logged(&self, arguments: &[&str], filter: &str) -> Run {
        let mut command = self.command(arguments, &self.path("srs"));
        command.env("RUST_LOG", filter).output().unwrap().into()
    }

    fn command(&self, arguments: &[&str], srs: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zkml"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("ZKML_SRS_DIR", srs)
            .env("ZKML_CHECKED_KEYS", srs.join("checked-keys.json"))
            .env_remove("RUST_LOG");
        command
    }

    /// Compiles the model.
    pub fn compile(&self) {
        self.run(&["compile", "model.onnx", "--calibrate", "calibration.json"])
            .expect(0);
    }

    /// Compiles the model, and makes an SRS and keys.
    pub fn set_up(&self) {
        self.compile();
        self.make_keys();
    }

    /// Makes an SRS of the size that the compiled model needs, and keys.
    pub fn make_keys(&self) {
        let inspected = self.run(&["inspect", "model.zkml", "--json"]).expect(0).json();
        let k = inspected["circuit"]["k"].to_string();
        self.run(&["srs", "new", "-k", &k]).expect(0).says(&["UNSAFE"]);
        self.run(&["setup", "model.zkml"])
            .expect(0)
            .says(&["development"]);
    }
}
