//! Contracts, through the program: sources, calldata, an EVM, a node.

use crate::folder::Folder;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

/// A folder with a model for contracts, its keys and a proof.
fn proven() -> Folder {
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
    assert!(source.contains("@custom:warning For development alone"));
    assert_eq!(written["development_srs"], true);
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
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    folder
        .run(&[&compile[..], &["--optimize", "evm", "--params", "committed"]].concat())
        .expect(0);
    folder.make_keys();
    let committed = folder.run(&["commit", "model.zkml", "--json"]).expect(0).json();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
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
        "7",
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

/// A node that answers each call by a function of method and parameters; `null` is a revert, `{"revert": DATA}` one with
/// data.
fn node(answer: impl Fn(&str, &Value) -> Value + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away is its own affair.
            let _ = respond(stream, &answer);
        }
    });
    url
}

fn respond(stream: TcpStream, answer: &impl Fn(&str, &Value) -> Value) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body).unwrap();
    let result = answer(request["method"].as_str().unwrap(), &request["params"]);
    let text = match result {
        Value::Null => json!({ "id": 1, "error": { "code": 3, "message": "execution reverted" } }),
        Value::Object(revert) => json!({
            "id": 1,
            "error": { "code": 3, "message": "execution reverted", "data": revert["revert"] }
        }),
        result => json!({ "id": 1, "result": result }),
    }
    .to_string();
    write!(
        reader.into_inner(),
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

#[test]
fn a_node_is_asked_and_told_apart_from_others() {
    let folder = proven();
    let verified = folder
        .run(&["verify", "--vk", "model.vk", "model.zkproof", "--json"])
        .expect(0)
        .json();
    let key = format!("0x{}", verified["claim"]["key_digest"].as_str().unwrap());
    let word = |x: u8| format!("0x{x:064x}");
    let ask = |url: &str, more: &[&str]| {
        let address = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
        let arguments = [
            "verify",
            "--vk",
            "model.vk",
            "model.zkproof",
            "--rpc",
            url,
            "--address",
            address,
        ];
        folder.run(&[&arguments[..], more].concat())
    };
    // The keyId() of the contract, its verdict, whether it has code.
    let contract = |id: String, verdict: Value, code: &'static str| {
        node(move |method, params| match method {
            "eth_chainId" => json!("0x7a69"),
            "eth_getCode" => json!(code),
            // keyId() is four bytes.
            _ if params[0]["data"].as_str().unwrap().len() == 10 => json!(id),
            _ => verdict.clone(),
        })
    };
    let good = contract(key.clone(), json!(word(1)), "0x6001");
    ask(&good, &["--chain-id", "31337"]).expect(0);
    ask(&good, &["--chain-id", "1"]).expect(2).says(&["31337"]);
    // A contract that rejects a proof that Rust accepts is no verdict on the proof.
    ask(&contract(key.clone(), json!(word(0)), "0x6001"), &[])
        .expect(2)
        .says(&["contract"]);
    ask(&contract(key.clone(), Value::Null, "0x6001"), &[])
        .expect(2)
        .says(&["rejects"]);
    // The selector of `TooLittleGas()`.
    let gas = json!({ "revert": "0x5dd42bb6" });
    ask(&contract(key.clone(), gas, "0x6001"), &[])
        .expect(2)
        .says(&["enough gas"]);
    ask(&contract(key.clone(), json!(word(2)), "0x6001"), &[])
        .expect(2)
        .says(&["true or false"]);
    ask(&contract(word(7), json!(word(1)), "0x6001"), &[])
        .expect(2)
        .says(&["expected a verifier of the key"]);
    ask(&contract(key, json!(word(1)), "0x"), &[])
        .expect(2)
        .says(&["without code"]);
    ask("http://127.0.0.1:9", &[]).expect(2).says(&["cannot reach"]);
    ask("not a url", &[]).expect(2);
}
