//! Hashed inputs, committed parameters and a context, through the program.

use crate::folder::Folder;
use serde_json::{Value, json};

const VERIFY: [&str; 6] = [
    "verify",
    "--vk",
    "model.vk",
    "model.zkproof",
    "--commitment",
    "model.commitment",
];

fn compiled() -> Folder {
    let folder = Folder::new();
    folder
        .run(&[
            "compile",
            "model.onnx",
            "--calibrate",
            "calibration.json",
            "--input",
            "hashed",
            "--params",
            "committed",
            "--context",
            "2",
        ])
        .expect(0);
    folder.make_keys();
    folder
}

fn prove<'a>(extra: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["prove", "model.zkml", "--input", "input.json"];
    arguments.extend(["--context", "0x2a", "--context", "7"]);
    arguments.extend(extra);
    arguments
}

#[test]
fn a_proof_is_about_the_published_model_and_opens_to_its_input() {
    let folder = compiled();
    let missing = folder.run(&prove(&[])).expect(2);
    missing.says(&["zkml commit", "model.secret"]);
    let committed = folder.run(&["commit", "model.zkml", "--json"]).expect(0).json();
    folder
        .run(&["inspect", "model.commitment"])
        .expect(0)
        .stdout
        .find(committed["digest"].as_str().unwrap())
        .unwrap();
    let secret = folder
        .run(&["inspect", "model.secret", "--json"])
        .expect(0)
        .json();
    assert_eq!(secret.as_object().unwrap().len(), 2, "{secret}");

    let proven = folder
        .run(&prove(&["--json"]))
        .expect(0)
        .says(&["model.salts"])
        .json();
    #[cfg(unix)]
    for name in ["model.salts", "model.secret"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let claim = &proven["claim"];
    assert_eq!(claim["committed_model"], committed["digest"]);
    assert_eq!(claim["context"][0], json!(format!("0x{:064x}", 42)));
    let commitment = claim["commitments"][0]["value"].as_str().unwrap();
    let text = folder.run(&VERIFY).expect(0).stdout;
    for words in [
        commitment,
        "weights of the model commitment",
        "bound to the values",
    ] {
        assert!(text.contains(words), "expected {words:?} in {text}");
    }
    folder
        .run(&["verify", "--vk", "model.vk", "model.zkproof"])
        .expect(2)
        .says(&["model commitment"]);
    let manifest = "ab".repeat(32);
    let other = [&VERIFY[..], &["--manifest", &manifest]].concat();
    folder.run(&other).expect(1);

    let open = |salts: &str, input: &str, code: i32| -> Value {
        let arguments = [
            &["open"],
            &VERIFY[1..],
            &["--salts", salts, "--model", "model.zkml", "--json"],
        ];
        let arguments = [&arguments.concat()[..], &["--input", input]].concat();
        folder.run(&arguments).expect(code).json()
    };
    let opened = open("model.salts", "input.json", 0);
    assert_eq!(opened["commitments"][0]["opens"], true);
    assert_eq!((&opened["valid"], &opened["opens"]), (&json!(true), &json!(true)));
    let mut changed: Value = serde_json::from_slice(&folder.read("input.json")).unwrap();
    changed["input_data"][0][0] = json!(0.0);
    folder.write_json("other.json", &changed);
    let opened = open("model.salts", "other.json", 1);
    assert_eq!(opened["commitments"][0]["opens"], false);
    assert_eq!(
        (&opened["valid"], &opened["opens"]),
        (&json!(true), &json!(false))
    );
    let mut salts: Value = serde_json::from_slice(&folder.read("model.salts")).unwrap();
    salts[0]["salt"] = json!("0x1");
    folder.write_json("bad.salts", &salts);
    assert_eq!(
        open("bad.salts", "input.json", 1)["commitments"][0]["opens"],
        false
    );
}

#[test]
fn salts_can_be_given_and_must_be_salts() {
    let folder = compiled();
    folder.run(&["commit", "model.zkml"]).expect(0);
    let first = folder.run(&prove(&["--json"])).expect(0).json();
    let commitment = |run: &Value| run["claim"]["commitments"][0]["value"].clone();
    let fresh = folder
        .run(&prove(&["--salt-out", "second", "--json"]))
        .expect(0)
        .json();
    assert_ne!(commitment(&fresh), commitment(&first));
    let again = prove(&["--salt-in", "second", "--salt-out", "third", "--json"]);
    let again = folder.run(&again).expect(0).json();
    assert_eq!(commitment(&again), commitment(&fresh));
    assert_eq!(folder.read("second"), folder.read("third"));

    folder.write("bad", "[{\"salt\": \"0x5ec4e7\"}]");
    let refused = folder
        .run(&prove(&["--salt-in", "bad"]))
        .expect(2)
        .says(&["bad: expected the salts"]);
    assert!(!refused.stderr.contains("5ec4e7"), "{refused:?}");
    let context = ["prove", "model.zkml", "--input", "input.json", "--context", "1"];
    folder
        .run(&context)
        .expect(2)
        .says(&["expected a context of 2 values, found 1"]);
}

/// A contract checks commitments and a context as it checks other public values, and no links.
#[test]
fn contracts_check_commitments_and_links() {
    let folder = Folder::new();
    let compile = |params: &str| {
        let arguments = ["compile", "model.onnx", "--calibrate", "calibration.json"];
        let options = ["--optimize", "evm", "--input", "hashed", "--context", "2"];
        folder
            .run(&[&arguments[..], &options, &["--params", params]].concat())
            .expect(0);
        folder.make_keys();
    };
    compile("private");
    folder.run(&prove(&["-o", "proof.json"])).expect(0);
    let ask = |proof: &str, code: i32| {
        folder
            .run(&["verify", "--vk", "model.vk", proof, "--evm", "--json"])
            .expect(code)
            .json()
    };
    let claim = &ask("proof.json", 0)["claim"];
    assert_eq!(claim["commitments"].as_array().unwrap().len(), 1);
    assert_eq!(claim["context"].as_array().unwrap().len(), 2);
    let honest: Value = serde_json::from_slice(&folder.read("proof.json")).unwrap();
    let count = honest["public_values"].as_array().unwrap().len();
    for value in count - 3..count {
        let mut changed = honest.clone();
        changed["public_values"][value] = json!(format!("0x{:064x}", 9));
        folder.write_json("bad.json", &changed);
        ask("bad.json", 1);
    }

    compile("committed");
    folder
        .run(&["contract", "model.vk"])
        .expect(2)
        .says(&["--commitment"]);
    // With folded columns and the contracts' transcript, in Rust and in a contract.
    folder.run(&["commit", "model.zkml"]).expect(0);
    folder.run(&prove(&[])).expect(0);
    folder.run(&VERIFY).expect(0);
    folder.run(&[&VERIFY[..], &["--evm"]].concat()).expect(0);
}
