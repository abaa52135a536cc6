//! Contracts, through the program: sources, calldata, an EVM.

use crate::folder::Folder;
use serde_json::{Value, json};

/// A folder with a model for contracts, its keys and a proof.
pub fn proven() -> Folder {
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    folder
        .run(&[&compile[..], &["--optimize", "evm"]].concat())
        .expect(0);
    folder.make_keys();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
    folder
}

/// A folder with a model for contracts whose weights are committed, its keys, its commitment and a proof; and what
/// `zkml commit` said.
pub fn committed() -> (Folder, Value) {
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    folder
        .run(&[&compile[..], &["--optimize", "evm", "--params", "committed"]].concat())
        .expect(0);
    folder.make_keys();
    let said = folder.run(&["commit", "model.zkml", "--json"]).expect(0).json();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
    (folder, said)
}

#[test]
fn a_contract_verifies_what_the_program_verifies() {
    let folder = proven();
    let evm = ["verify", "--vk", "model.vk", "--json"];
    let asked = folder
        .run(&[&evm[..], &["model.zkproof", "--evm"]].concat())
        .expect(0)
        .json();
    let alone = folder
        .run(&[&evm[..], &["model.zkproof"]].concat())
        .expect(0)
        .json();
    assert_eq!(asked["claim"], alone["claim"]);
    assert_eq!(asked["claim"]["transcript"], "evm");
    assert!(asked["gas"].as_u64().unwrap() > 21_000);
    assert_eq!(alone["gas"], Value::Null);

    folder
        .run(&["prove", "model.zkml", "--input", "input.json", "-o", "proof.json"])
        .expect(0);
    let mut changed: Value = serde_json::from_slice(&folder.read("proof.json")).unwrap();
    changed["public_values"][0] = json!(format!("0x{:064x}", 3));
    folder.write_json("bad.json", &changed);
    folder.run(&[&evm[..], &["bad.json", "--evm"]].concat()).expect(1);
    let shorter = changed["proof"].as_str().unwrap()[64..].to_owned();
    changed["proof"] = json!(shorter);
    folder.write_json("bad.json", &changed);
    folder.run(&[&evm[..], &["bad.json", "--evm"]].concat()).expect(1);
}

/// A context is named by what reads it.
#[test]
fn a_contract_says_how_many_values_proofs_are_bound_to() {
    let folder = Folder::new();
    let compile = |context: &str| {
        let arguments = [
            "compile",
            "model.onnx",
            "--calibrate",
            "calibration.json",
            "--optimize",
            "evm",
            "--context",
            context,
        ];
        folder.run(&arguments)
    };
    compile("coordinators")
        .expect(2)
        .says(&["expected request, coordinator, or a number"]);
    compile("coordinator").expect(0);
    folder.make_keys();
    let contract = folder.run(&["contract", "model.vk"]).expect(0);
    assert!(contract.stdout.contains("the last 4 of them"), "{contract:?}");
}

#[test]
fn sources_and_calldata_are_written() {
    let folder = proven();
    let written = folder.run(&["contract", "model.vk", "--json"]).expect(0).json();
    let source = String::from_utf8(folder.read("ModelVerifier.sol")).unwrap();
    for words in [
        "SPDX-License-Identifier",
        "pragma solidity",
        "contract ModelVerifier {",
    ] {
        assert!(source.contains(words), "{words}");
    }
    let key = written["key_digest"].as_str().unwrap();
    assert!(source.contains(key), "the source names its key");
    assert!(
        source.contains("@custom:srs ") && source.contains("(unknown: whoever made it can forge proofs)")
    );
    assert_eq!(written["srs_standing"], "development");
    folder
        .run(&["contract", "model.vk"])
        .expect(0)
        .says(&["for development"]);

    let reusable = [
        "contract",
        "model.vk",
        "--reusable",
        "--name",
        "Mine",
        "-o",
        "src",
        "--json",
    ];
    let written = folder.run(&reusable).expect(0).json();
    assert!(folder.path("src/ZkmlVerifier.sol").is_file());
    let source = String::from_utf8(folder.read("src/MineKey.sol")).unwrap();
    assert!(source.contains(written["key_code_hash"].as_str().unwrap()));

    let call = folder
        .run(&["calldata", "model.zkproof", "--quiet"])
        .expect(0)
        .stdout;
    assert!(call.starts_with("0x") && call.trim().len() > 2_000, "{call}");
    let address = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
    let with_key = [
        "calldata",
        "model.zkproof",
        "--decode",
        "--vk",
        "model.vk",
        "--key-contract",
        address,
    ];
    let call = folder.run(&with_key).expect(0).stdout;
    assert!(call.contains(&address[2..]), "{call}");
    folder
        .run(&["contract", "model.vk", "--name", "7"])
        .expect(2)
        .says(&["name"]);
    folder
        .run(&["contract", "model.zkproof"])
        .expect(2)
        .says(&["verifying key"]);
}

#[test]
fn a_contract_for_committed_weights_checks_the_link() {
    let (folder, committed) = committed();
    folder
        .run(&["contract", "model.vk"])
        .expect(2)
        .says(&["--commitment"]);
    let linked = ["--commitment", "model.commitment"];
    let with = |words: &[&str]| folder.run(&[words, &linked].concat());

    let verify = ["verify", "--vk", "model.vk", "model.zkproof", "--evm", "--json"];
    let answer = with(&verify).expect(0).json();
    assert_eq!(answer["valid"], true);
    assert!(answer["gas"].as_u64().unwrap() > 21_000);
    // Under a manifest's digest that the proof was not linked under.
    let other = "11".repeat(32);
    with(&[&verify[..], &["--manifest", &other]].concat()).expect(1);

    let written = with(&["contract", "model.vk", "--json"]).expect(0).json();
    assert_eq!(written["manifest"], committed["digest"]);
    let source = String::from_utf8(folder.read("ModelVerifier.sol")).unwrap();
    assert!(source.contains("function manifest()"));
    assert!(source.contains(committed["digest"].as_str().unwrap()));
    let reusable = with(&["contract", "model.vk", "--reusable", "--json"])
        .expect(0)
        .json();
    assert!(folder.path("ZkmlLinkedVerifier.sol").is_file());
    let elsewhere = [
        "contract",
        "model.vk",
        "--reusable",
        "--json",
        "--manifest",
        &other,
    ];
    let elsewhere = with(&elsewhere).expect(0).json();
    assert_ne!(reusable["key_code_hash"], elsewhere["key_code_hash"]);

    let address = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
    let calldata = [
        "calldata",
        "model.zkproof",
        "--vk",
        "model.vk",
        "--key-contract",
        address,
    ];
    let call = with(&calldata).expect(0).stdout;
    let hash = reusable["key_code_hash"].as_str().unwrap();
    assert!(call.contains(&hash[2..]), "{call}");
}

#[test]
fn a_contract_takes_the_commitment_of_a_manifest() {
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    let private = [
        "--optimize",
        "evm",
        "--params",
        "committed",
        "--input",
        "hashed",
        "--context",
        "request",
        "--saturate",
    ];
    folder.run(&[&compile[..], &private].concat()).expect(0);
    folder.make_keys();
    folder.run(&["keys", "new", "provider.keys"]).expect(0);
    folder
        .run(&["publish", "model.zkml", "--keys", "provider.keys"])
        .expect(0);
    let contract = [
        "contract",
        "model.vk",
        "--commitment",
        "model.manifest.json",
        "--json",
    ];
    let written = folder.run(&contract).expect(0).json();
    let digest = written["manifest"].as_str().unwrap();
    let shown = folder.run(&["inspect", "model.manifest.json"]).expect(0).stdout;
    assert!(shown.contains(digest), "{shown}");
    folder
        .run(&[&contract[..], &["--manifest", digest]].concat())
        .expect(0);
    let other = "11".repeat(32);
    folder
        .run(&[&contract[..], &["--manifest", &other]].concat())
        .expect(2)
        .says(&[&other[..8]]);
}

#[test]
fn keys_say_which_transcript_their_proofs_have() {
    let folder = proven();
    folder
        .run(&[
            "setup",
            "model.zkml",
            "--transcript",
            "blake2b",
            "--vk",
            "other.vk",
        ])
        .expect(0);
    folder
        .run(&["contract", "other.vk"])
        .expect(2)
        .says(&["--transcript evm", "blake2b"]);
    folder
        .run(&["verify", "--vk", "other.vk", "model.zkproof"])
        .expect(2);
    // The proving key now is the other one's.
    folder
        .run(&[
            "prove",
            "model.zkml",
            "--input",
            "input.json",
            "-o",
            "other.zkproof",
        ])
        .expect(0);
    folder
        .run(&["verify", "--vk", "other.vk", "other.zkproof"])
        .expect(0);
    folder
        .run(&["calldata", "other.zkproof"])
        .expect(2)
        .says(&["--transcript evm"]);
    folder
        .run(&["verify", "--vk", "other.vk", "other.zkproof", "--evm"])
        .expect(2);
}
