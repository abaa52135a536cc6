//! Keys that are made again: honest ones pass, the dishonest one is found out by every command that relies on a key.

use crate::folder::Folder;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use zkml::advanced::CircuitOptions;
use zkml::{
    Circuit, CompiledModel, Digest, ParamVisibility, Progress, Srs, SrsCache, VerifyingKey, Visibility,
};
use zkml_network::{Binding, ProverFiles, ProviderKeys, ProvingEngine, SignedManifest};
use zkml_testing::model;

const CHECK: [&str; 5] = ["key", "check", "--vk", "model.vk", "--circuit"];

#[test]
fn an_honest_key_passes_and_is_remembered() {
    let folder = Folder::new();
    folder.set_up();
    let checked = folder.run(&[&CHECK[..], &["model.circuit"]].concat()).expect(0);
    assert!(
        checked.stdout.contains("made again from the circuit"),
        "{checked:?}"
    );
    let checked = folder
        .run(&[&CHECK[..], &["model.circuit", "--json"]].concat())
        .expect(0)
        .json();
    let inspected = folder
        .run(&["inspect", "model.circuit", "--json"])
        .expect(0)
        .json();
    assert_eq!(checked["circuit_digest"], inspected["circuit_digest"]);
    assert_eq!(
        (&checked["genuine"], &checked["srs_standing"]),
        (&true.into(), &"development".into())
    );
    // From the model itself, compiled again as it was.
    let onnx = [
        "key",
        "check",
        "--vk",
        "model.vk",
        "--onnx",
        "model.onnx",
        "--calibrate",
    ];
    folder.run(&[&onnx[..], &["calibration.json"]].concat()).expect(0);
    folder
        .run(&[&onnx[..], &["calibration.json", "--output", "private"]].concat())
        .expect(2)
        .says(&["belongs to another model"]);

    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
    let verify = ["verify", "--vk", "model.vk", "model.zkproof"];
    let verified = folder.run(&[&verify[..], &["--json"]].concat()).expect(0).json();
    assert_eq!(verified["checked_circuit"], checked["circuit_digest"]);
    std::fs::write(folder.path("srs/checked-keys.json"), "damaged").unwrap();
    let verified = folder.run(&verify).expect(0);
    assert!(
        verified.stdout.contains("not checked on this machine"),
        "{verified:?}"
    );
    assert!(verified.stdout.contains("claims to be of"), "{verified:?}");
}

#[test]
fn what_is_no_circuit_of_the_key_is_an_error() {
    let folder = Folder::new();
    folder.set_up();
    let check = |circuit: &str| folder.run(&[&CHECK[..], &[circuit]].concat());
    check("none.circuit")
        .expect(2)
        .says(&["cannot use none.circuit as a circuit"]);
    check("model.vk")
        .expect(2)
        .says(&["expected a circuit, found a verifying key"]);
    let mut other = folder.read("model.circuit");
    other[6] = 9;
    folder.write("other.circuit", other);
    check("other.circuit")
        .expect(2)
        .says(&["format version 1, found version 9"]);
    // The circuit of a key from another SRS.
    let k = folder.run(&["inspect", "model.vk", "--json"]).json()["circuit"]["k"].to_string();
    folder.run(&["srs", "new", "-k", &k, "-o", "other.srs"]).expect(0);
    let with_srs = [&CHECK[..], &["model.circuit", "--srs", "other.srs"]].concat();
    folder.run(&with_srs).expect(2).says(&["made with another SRS"]);
    let required = [&CHECK[..], &["model.circuit", "--require-srs", "ceremony"]].concat();
    folder
        .run(&required)
        .expect(2)
        .says(&["expected the SRS of a known ceremony", "can forge"]);
    folder
        .run(&["key", "check", "--vk", "model.vk"])
        .expect(2)
        .says(&["--circuit"]);
}

/// A published model, and the key that a dishonest provider serves for it: that of another circuit of the same shape, with
/// the honest model's digest.
struct Attack {
    folder: Folder,
    manifest: SignedManifest,
    key: VerifyingKey,
    circuit: Circuit,
    srs: Srs,
}

impl Attack {
    fn new() -> Self {
        let folder = Folder::new();
        let options = CircuitOptions {
            inputs: Visibility::Hashed,
            params: ParamVisibility::Fixed,
            context: Binding::VALUES as u16,
            ..CircuitOptions::default()
        };
        let [honest, dishonest] = model::honest_and_dishonest(options);
        let none = Progress::none();
        let srs = Srs::development(honest.k(), &none).unwrap();
        let (_, key) = dishonest.setup(&srs, &none).unwrap();
        let key = model::relabelled_key(&key, honest.digest());
        let circuit = honest.circuit(key.transcript()).unwrap();
        let keys = ProviderKeys::generate().unwrap();
        let manifest = Self::manifest(honest, &srs, &key, &keys);
        manifest.save(&folder.path("bad.manifest.json")).unwrap();
        key.save(&folder.path("bad.vk")).unwrap();
        circuit.save(&folder.path("bad.circuit")).unwrap();
        Self {
            folder,
            manifest,
            key,
            circuit,
            srs,
        }
    }

    /// The honest manifest, but for the key.
    fn manifest(honest: CompiledModel, srs: &Srs, key: &VerifyingKey, keys: &ProviderKeys) -> SignedManifest {
        let none = Progress::none();
        let (own, _) = honest.setup(srs, &none).unwrap();
        let files = ProverFiles {
            model: honest,
            key: own,
            srs: srs.clone(),
            secret: None,
            device: zkml::Device::default(),
        };
        let prover = ProvingEngine::publish("tiny", files, true, keys, &none).unwrap();
        let mut body = prover.published().manifest().body().clone();
        body.key_digest = *key.digest();
        SignedManifest::sign(body, keys).unwrap()
    }

    /// A service that sends what a dishonest provider sends; the URL, and the paths that it was asked for.
    fn serve(&self) -> (String, std::sync::mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let digest = self.manifest.digest();
        let list = format!(
            r#"{{"models":[{{"digest":"{digest}","name":"tiny","provider":"{}"}}]}}"#,
            self.manifest.body().provider
        );
        let files = [
            ("".to_owned(), list.into_bytes()),
            (format!("/{digest}"), self.manifest.to_json().unwrap()),
            (format!("/{digest}/key"), self.key.to_bytes().unwrap()),
            (format!("/{digest}/circuit"), self.circuit.to_bytes().unwrap()),
            (format!("/{digest}/srs"), self.srs.to_raw_bytes().unwrap()),
        ];
        let (sender, asked) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let line = lines.next().unwrap().unwrap();
                let path = line.split(' ').nth(1).unwrap().to_owned();
                let found = files.iter().find(|(name, _)| format!("/v1/models{name}") == path);
                let body = found.map_or(&[][..], |(_, body)| body);
                let status = if found.is_some() {
                    "200 OK"
                } else {
                    "404 Not Found"
                };
                let length = body.len();
                write!(
                    stream,
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                )
                .unwrap();
                stream.write_all(body).unwrap();
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        (url, asked)
    }
}

#[test]
fn the_dishonest_key_is_rejected_by_every_command() {
    let attack = Attack::new();
    let folder = &attack.folder;
    SrsCache::at(folder.path("srs")).store(&attack.srs).unwrap();
    let said = ["bad.vk is not to be relied on", "false outputs verify"];
    folder
        .run(&["key", "check", "--vk", "bad.vk", "--circuit", "bad.circuit"])
        .expect(2)
        .says(&said);
    folder.write("some.zkproof", "");
    let validate = [
        "validate",
        "some.zkproof",
        "--manifest",
        "bad.manifest.json",
        "--vk",
        "bad.vk",
    ];
    for _ in 0..2 {
        folder
            .run(&validate)
            .expect(2)
            .says(&["not to be relied on", "false outputs verify"]);
    }
    // Who relies on the key nevertheless is told so, and hears of the proof.
    let skipped = folder.run(&[&validate[..], &["--no-key-check", "--json"]].concat());
    let skipped = skipped.expect(1).says(&["not checked (--no-key-check)"]);
    assert_eq!(skipped.json()["key_check"], "skipped");

    folder.write_json("two.json", &serde_json::json!({ "input_data": [[1.0, 0.5]] }));
    let (url, asked) = attack.serve();
    let ask = ["ask", &url, "--input", "two.json", "--pins", "pins.json"];
    folder
        .run(&ask)
        .expect(2)
        .says(&["not to be relied on", "false outputs verify"]);
    let asked: Vec<String> = asked.try_iter().collect();
    assert!(asked.iter().any(|line| line.contains("/circuit")), "{asked:?}");
    // Nothing was sent to that provider.
    assert!(asked.iter().all(|line| line.starts_with("GET")), "{asked:?}");
}

/// The SRS comes from the provider where the user has none, and is not kept: it was not the user's choice.
#[test]
fn an_srs_is_fetched_checked_and_not_kept() {
    let attack = Attack::new();
    let folder = &attack.folder;
    folder.write_json("two.json", &serde_json::json!({ "input_data": [[1.0, 0.5]] }));
    let (url, asked) = attack.serve();
    let ask = ["ask", &url, "--input", "two.json", "--pins", "pins.json"];
    folder.run(&ask).expect(2).says(&["not to be relied on"]);
    assert!(asked.try_iter().any(|line| line.contains("/srs")));
    let listed = folder.run(&["srs", "list", "--json"]).expect(0).json();
    assert_eq!(listed, serde_json::json!([]));
    let validate = [
        "validate",
        "x.zkproof",
        "--manifest",
        "bad.manifest.json",
        "--vk",
        "bad.vk",
    ];
    folder.run(&validate).expect(2).says(&["--no-key-check", "--srs"]);
    let id: Digest = *attack.key.digest();
    let known = folder.path("srs/checked-keys.json");
    assert!(!known.exists() || !std::fs::read_to_string(known).unwrap().contains(&id.to_string()));
}

#[test]
fn an_srs_is_what_its_powers_are() {
    let folder = Folder::new();
    let fixture: std::path::PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "tests/fixtures/power6.ptau"]
        .iter()
        .collect();
    for name in ["own.ptau", "powersOfTau28_hez_final_08.ptau"] {
        std::fs::copy(&fixture, folder.path(name)).unwrap();
    }
    let import = |arguments: &[&str]| folder.run(&[&["srs", "import"], arguments].concat());
    let own = import(&["own.ptau", "--json"])
        .expect(0)
        .says(&["is unknown: whoever made it can forge proofs"]);
    assert_eq!(own.json()["standing"], "unknown");
    assert_eq!(own.json()["ceremony"], Value::Null);
    import(&["own.ptau", "--ceremony", "hermez"])
        .expect(2)
        .says(&["not the file own.ptau of the ceremony hermez", "identity"]);
    import(&["own.ptau", "--ceremony", "other"])
        .expect(2)
        .says(&["expected one of hermez, found other"]);
    import(&["powersOfTau28_hez_final_08.ptau"]).expect(2).says(&[
        "of the ceremony hermez",
        "Blake2b-512",
        "download it again",
    ]);

    // Made here: remembered here, and unknown where it was not made.
    folder.run(&["srs", "new", "-k", "5", "-o", "new.srs"]).expect(0);
    let standing = |srs: &str| {
        let inspected = folder.run_in(&["inspect", "new.srs", "--json"], &folder.path(srs));
        inspected.expect(0).json()["standing"].clone()
    };
    assert_eq!(
        (standing("srs"), standing("elsewhere")),
        ("development".into(), "unknown".into())
    );
}
