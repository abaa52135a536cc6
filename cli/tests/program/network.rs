//! Publishing, serving, asking and validating, each by its command.

use crate::folder::Folder;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// An account, or a contract.
const ADDRESS: &str = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

/// A folder with a published model, whose inputs are hashed and whose weights are committed.
pub fn published() -> Folder {
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    let hidden = [
        "--input",
        "hashed",
        "--params",
        "committed",
        "--context",
        "request",
        "--saturate",
    ];
    let evm = ["--optimize", "evm"];
    folder.run(&[&compile[..], &hidden, &evm].concat()).expect(0);
    folder.make_keys();
    folder
        .run(&["keys", "new", "provider.keys"])
        .expect(0)
        .says(&["keep this file"]);
    folder
        .run(&[
            "publish",
            "model.zkml",
            "--keys",
            "provider.keys",
            "--name",
            "gemm",
        ])
        .expect(0)
        .says(&["model.secret", "model.manifest.json", "serve"]);
    folder
}

/// `zkml serve` in a folder; it is killed when it is dropped.
pub struct Served {
    child: Child,
    pub url: String,
    pub digest: String,
}

impl Served {
    pub fn new(folder: &Folder) -> Self {
        Self::with(folder, &[])
    }

    pub fn with(folder: &Folder, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_zkml"))
            .args(["serve", "model.manifest.json", "--keys", "provider.keys"])
            .args(["--listen", "127.0.0.1:0", "--backend", "cpu"])
            .args(options)
            .current_dir(folder.path("."))
            .env("ZKML_SRS_DIR", folder.path("srs"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut word = |line: &str, at: usize| -> String {
            let text = lines.next().unwrap().unwrap();
            assert!(text.contains(line), "{text}");
            text.split_whitespace().nth(at).unwrap().to_owned()
        };
        Self {
            url: word("listening on", 2),
            digest: word("gemm", 0),
            child,
        }
    }

    /// Ends it as an operator does, and returns its exit code.
    #[cfg(unix)]
    fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_model_is_published_asked_and_its_answers_validated() {
    let folder = published();
    let served = Served::new(&folder);
    let ask = |arguments: &[&str]| {
        let base = ["ask", &served.url, "--input", "input.json", "--pins", "pins.json"];
        folder.run(&[&base[..], arguments].concat())
    };
    let first = ask(&["--json", "-o", "proofs-1.zkproof"])
        .expect(0)
        .says(&["the model gemm is asked for the first time"]);
    let first = first.json();
    assert_eq!(
        (&first["valid"], &first["manifest"]),
        (&true.into(), &served.digest.clone().into())
    );
    assert_eq!(first["outputs"][0]["role"], "output");
    // By its digest no pin is needed; an address is part of what is bound.
    let address = "0x00112233445566778899aabbccddeeff00112233";
    let registry = ADDRESS;
    let second = ask(&[
        "--model",
        &served.digest,
        "--evm-address",
        address,
        "--chain",
        "31337",
        "--registry",
        registry,
        "--json",
        "-o",
        "2.json.zkproof",
    ]);
    let binding = &second.expect(0).json()["binding"];
    let requester = binding["requester"].as_str().unwrap().to_owned();
    assert_eq!(
        binding["destination"],
        json!({ "chain": 31337, "registry": registry })
    );
    assert!(first["binding"]["destination"].is_null());
    assert!(
        requester.ends_with(&address[2..]) && requester.starts_with("000000"),
        "{requester}"
    );
    // A proof for an account alone would be taken by every contract that pins the model.
    for (given, missing) in [
        (&["--evm-address", address][..], "--chain <ID>"),
        (&["--evm-address", address, "--chain", "1"], "--registry <0x...>"),
        (&["--chain", "1", "--registry", registry], "--evm-address <0x...>"),
        (&["--registry", registry], "--evm-address <0x...>"),
    ] {
        ask(given).expect(2).says(&[missing]);
    }
    let chain_zero = ["--evm-address", address, "--chain", "0", "--registry", registry];
    ask(&chain_zero).expect(2).says(&["--chain"]);
    ask(&["--model", "other"])
        .expect(2)
        .says(&["expected one model of the name other", "gemm"]);
    ask(&["--model", &"0".repeat(64)]).expect(2).says(&["404"]);

    let inspected = folder.run(&["inspect", "model.manifest.json"]).expect(0);
    assert!(inspected.stdout.contains("committed") && inspected.stdout.contains(&served.digest));

    // A validator: files, a folder, a stream, over HTTP; a second answer, a late one, a bad one.
    let offline = ["--manifest", "model.manifest.json", "--vk", "model.vk"];
    let validate = |proofs: &[&str], rest: &[&str]| folder.run(&[&["validate"], proofs, rest].concat());
    let one = validate(&["proofs-1.zkproof", "2.json.zkproof"], &offline)
        .expect(0)
        .says(&["2 valid, 0 invalid"]);
    assert!(one.stdout.starts_with("valid"), "{}", one.stdout);
    let place = format!("for the contract {registry} on the chain 31337");
    assert_eq!(one.stdout.matches(&place).count(), 1, "{}", one.stdout);
    // The key was made again once, when the model was asked for the first time.
    let how = |run: crate::folder::Run| -> Value {
        let line = run.expect(0).stdout.lines().next().unwrap().to_owned();
        serde_json::from_str::<Value>(&line).unwrap()["key_check"].clone()
    };
    assert_eq!(first["key_check"], "checked");
    let json = [&offline[..], &["--json"]].concat();
    assert_eq!(how(validate(&["proofs-1.zkproof"], &json)), "remembered");
    std::fs::remove_file(folder.path("srs/checked-keys.json")).unwrap();
    assert_eq!(how(validate(&["proofs-1.zkproof"], &json)), "checked");
    let unchecked = [&json[..], &["--no-key-check"]].concat();
    assert_eq!(how(validate(&["proofs-1.zkproof"], &unchecked)), "skipped");
    let required = [&offline[..], &["--require-srs", "hermez"]].concat();
    validate(&["proofs-1.zkproof"], &required)
        .expect(2)
        .says(&["of the ceremony hermez", "can forge"]);
    let online = ["--url", &served.url, "--model", &served.digest];
    validate(&["."], &[&online[..], &["--json"]].concat())
        .expect(0)
        .says(&["2 valid"]);
    validate(&["2.json.zkproof", "2.json.zkproof"], &offline)
        .expect(1)
        .says(&["1 valid, 1 invalid"]);
    let late = validate(
        &["proofs-1.zkproof"],
        &[&offline[..], &["--at", "4000000000", "--json"]].concat(),
    );
    let late: Value = serde_json::from_str(&late.expect(1).stdout).unwrap();
    assert_eq!(
        (&late["valid"], &late["code"]),
        (&false.into(), &"expired".into())
    );
    let mut bytes = folder.read("proofs-1.zkproof");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    folder.write("bad.zkproof", bytes);
    let bad = validate(&["bad.zkproof", "proofs-1.zkproof"], &offline).expect(1);
    assert!(bad.stdout.starts_with("INVALID  bad.zkproof"), "{}", bad.stdout);
    validate(&["none.zkproof"], &offline).expect(2);

    // A folder that others fill: whatever they put there, the rest is checked, and no name passes for a verdict.
    #[cfg(unix)]
    {
        let name = "in/x\nvalid    y.zkproof  request 0\n.zkproof";
        std::fs::create_dir_all(folder.path("in/folder.zkproof")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path("in/link.zkproof")).unwrap();
        folder.write("in/good.zkproof", folder.read("proofs-1.zkproof"));
        folder.write(name, folder.read("bad.zkproof"));
        let run = validate(&["in"], &offline)
            .expect(1)
            .says(&["1 valid, 3 invalid"]);
        let lines: Vec<&str> = run.stdout.lines().collect();
        assert_eq!(lines.len(), 4, "{run:?}");
        let valid: Vec<&&str> = lines.iter().filter(|line| line.starts_with("valid")).collect();
        assert!(
            matches!(valid[..], [line] if line.contains("good.zkproof")),
            "{run:?}"
        );
    }
    #[cfg(unix)]
    assert_eq!(served.terminate(), Some(0));
}

#[test]
fn a_request_that_is_kept_is_resumed() {
    let folder = published();
    let served = Served::new(&folder);
    // No one waits: the answer comes later.
    let base = [
        "ask",
        &served.url,
        "--model",
        &served.digest,
        "--input",
        "input.json",
    ];
    folder
        .run(&[&base[..], &["--keep", "kept", "--wait", "0"]].concat())
        .expect(2)
        .says(&["no answer after 0 s"]);
    let resumed = folder
        .run(&["resume", &served.url, "kept", "--json"])
        .expect(0)
        .json();
    assert_eq!(resumed["valid"], true);
    assert!(!folder.names().contains(&"kept".to_owned()));
}

#[test]
fn a_public_model_is_proven_at_home() {
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    let fixed = ["--input", "hashed", "--params", "fixed", "--context", "request"];
    folder.run(&[&compile[..], &fixed].concat()).expect(0);
    folder.make_keys();
    folder.run(&["keys", "new", "provider.keys"]).expect(0);
    let published = folder
        .run(&[
            "publish",
            "model.zkml",
            "--keys",
            "provider.keys",
            "-o",
            "gemm.json",
        ])
        .expect(0)
        .says(&["put it beside the model, as model.manifest.json"]);
    assert!(!published.stderr.contains("weights"), "{published:?}");
    folder
        .run(&["publish", "model.zkml", "--keys", "provider.keys"])
        .expect(0)
        .says(&["zkml serve"]);
    let local = ["ask", "--local", "model.manifest.json", "--input", "input.json"];
    let evm = ["--evm-address", ADDRESS, "--chain", "1", "--registry", ADDRESS];
    folder
        .run(&[&local[..], &evm].concat())
        .expect(2)
        .says(&["--optimize evm"]);
    folder.run(&local).expect(0);
    let offline = ["--manifest", "model.manifest.json", "--vk", "model.vk"];
    folder
        .run(&[&["validate", "answer.zkproof"], &offline[..]].concat())
        .expect(0);
    assert!(folder.names().contains(&"answer.salts".to_owned()));
}

/// A file that a command reads, or writes already, is no place for what it writes; it is refused before any work.
#[test]
fn no_output_takes_the_place_of_another_file() {
    let folder = published();
    let names = folder.names();
    let contents: Vec<Vec<u8>> = names
        .iter()
        .filter(|name| folder.path(name).is_file())
        .map(|name| folder.read(name))
        .collect();
    // There is no listener: nothing is asked.
    let ask = ["ask", "http://127.0.0.1:9", "--input", "input.json"];
    let local = ["ask", "--local", "model.manifest.json", "--input", "input.json"];
    let publish = ["publish", "model.zkml", "--keys", "provider.keys"];
    let prove = ["prove", "model.zkml", "--input", "input.json"];
    for (command, outputs, expected) in [
        (&publish[..], &["-o", "provider.keys"][..], "this file is read"),
        (&publish, &["-o", "model.secret"], "this file is read"),
        (&publish, &["-o", "./model.zkml"], "this file is read"),
        (
            &["commit", "model.zkml"],
            &["-o", "model.pk"],
            "this file is read",
        ),
        (&["commit", "model.zkml"], &["-o", "model.secret"], "two things"),
        (
            &["setup", "model.zkml"],
            &["--vk", "model.zkml"],
            "this file is read",
        ),
        (&["setup", "model.zkml"], &["--vk", "model.pk"], "two things"),
        (
            &["compile", "model.onnx", "--calibrate", "calibration.json"],
            &["-o", "calibration.json"],
            "this file is read",
        ),
        (&prove, &["-o", "input.json"], "this file is read"),
        (&prove, &["-o", "x.salts"], "two things"),
        (&local, &["-o", "model.pk"], "this file is read"),
        (&local, &["--salt-out", "model.secret"], "this file is read"),
        (
            &ask,
            &["-o", "x.zkproof", "--salt-out", "x.zkproof"],
            "two things",
        ),
        (&ask, &["-o", "x.zkproof", "--keep", "x.zkproof"], "two things"),
        (&ask, &["-o", "input.json"], "this file is read"),
        (&ask, &["-o", "."], "found a folder"),
        (&ask, &["-o", "nowhere/answer.zkproof"], "make the folder nowhere"),
    ] {
        let run = folder.run(&[command, outputs].concat());
        run.expect(2).says(&[expected]);
    }
    assert_eq!(folder.names(), names);
    let after = names.iter().filter(|name| folder.path(name).is_file());
    assert!(after.map(|name| folder.read(name)).eq(contents));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let folder = published();
    folder
        .run(&["keys", "new", "provider.keys"])
        .expect(2)
        .says(&["there already"]);
    let rotate = ["keys", "rotate", "provider.keys", "-o", "rotated.keys"];
    folder.run(&rotate).expect(0);
    folder
        .run(&[
            "serve",
            "model.manifest.json",
            "--keys",
            "rotated.keys",
            "--listen",
            "127.0.0.1:0",
        ])
        .expect(2)
        .says(&["sealed to", "publish it again"]);
    folder
        .run(&["serve", "model.zkml", "--keys", "provider.keys"])
        .expect(2)
        .says(&["expected the name of a manifest"]);
    // Another secret than that of the manifest's commitment: no proof would come about.
    let secret = folder.read("model.secret");
    let other = [
        "commit",
        "model.zkml",
        "-o",
        "other.commitment",
        "--secret",
        "other.secret",
    ];
    folder.run(&other).expect(0);
    std::fs::copy(folder.path("other.secret"), folder.path("model.secret")).unwrap();
    folder
        .run(&["ask", "--local", "model.manifest.json", "--input", "input.json"])
        .expect(2)
        .says(&["do not belong to it", "secret"]);
    folder.write("model.secret", secret);
    for url in ["127.0.0.1:8080", "ftp://127.0.0.1", "http://user:word@127.0.0.1"] {
        folder
            .run(&["ask", url, "--input", "input.json"])
            .expect(2)
            .says(&["expected the URL of a service"]);
    }
    for command in ["serve", "worker"] {
        let no_such = [
            "model.manifest.json",
            "--keys",
            "provider.keys",
            "--backend",
            "cuda:99",
        ];
        let run = folder.run(&[&[command], &no_such[..]].concat());
        run.expect(2).says(&["GPU"]);
    }
    let database = [
        "--database",
        "mysql://me:secret@host/db",
        "--listen",
        "127.0.0.1:0",
    ];
    let run = folder.run(
        &[
            &["serve", "model.manifest.json", "--keys", "provider.keys"],
            &database[..],
        ]
        .concat(),
    );
    let run = run.expect(2).says(&["mysql"]);
    assert!(!run.stderr.contains("secret"), "{run:?}");

    // A manifest that was changed, and one of a model that was not compiled for it.
    let text = String::from_utf8(folder.read("model.manifest.json")).unwrap();
    folder.write("changed.manifest.json", text.replace("\"gemm\"", "\"gemN\""));
    folder
        .run(&["inspect", "changed.manifest.json"])
        .expect(2)
        .says(&["signature"]);
    folder.compile();
    folder.run(&["setup", "model.zkml"]).expect(0);
    folder
        .run(&["publish", "model.zkml", "--keys", "provider.keys"])
        .expect(2)
        .says(&["--context request"]);
    folder
        .run(&[
            "ask",
            "http://127.0.0.1:1",
            "--model",
            "x",
            "--input",
            "input.json",
            "--pins",
            "pins.json",
        ])
        .expect(2)
        .says(&["no answer from"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(folder.path("provider.keys"), open).unwrap();
        folder
            .run(&["keys", "show", "provider.keys"])
            .expect(2)
            .says(&["chmod 600"]);
    }
}
