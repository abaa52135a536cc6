//! Contracts behind a node's JSON-RPC, through the program.

use crate::contract::{committed, proven};
use crate::folder::{Folder, Run};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use zkml::commitments::{ModelCommitment, PinnedModel};
use zkml::{Digest, VerifyingKey};
use zkml_evm::{Chain, Reusable, call};

/// Where a contract is said to be.
const ADDRESS: &str = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

/// Verifies the folder's proof with a contract behind a node.
fn ask(folder: &Folder, url: &str, address: &str, more: &[&str]) -> Run {
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
}

/// A word of an answer.
fn word(x: u8) -> String {
    format!("0x{x:064x}")
}

fn prefixed(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// A node that answers each call by a function of method and parameters; `null` is a revert, `{"revert": DATA}` one with
/// data.
fn node(answer: impl Fn(&str, &Value) -> Value + Send + 'static) -> String {
    let (listener, url) = listen();
    thread::spawn(move || serve(&listener, answer));
    url
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn serve(listener: &TcpListener, answer: impl Fn(&str, &Value) -> Value) {
    for stream in listener.incoming().flatten() {
        // A client that goes away is its own affair.
        let _ = respond(stream, &answer);
    }
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
    let ask = |url: &str, more: &[&str]| ask(&folder, url, ADDRESS, more);
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
    let none = json!({ "revert": prefixed(call("NoPrecompile()", &[])) });
    ask(&contract(key.clone(), none, "0x6001"), &[])
        .expect(2)
        .says(&["lacks one"]);
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

/// A node on a chain in memory with the contracts that these codes deploy, and their addresses.
fn node_with(contracts: Vec<Vec<u8>>) -> (String, Vec<String>) {
    let (listener, url) = listen();
    let (sender, addresses) = mpsc::channel();
    // A chain does not leave its thread.
    thread::spawn(move || {
        let mut chain = Chain::new();
        let deploy = |code: &Vec<u8>| prefixed(chain.deploy(code, &[]).unwrap().0);
        sender.send(contracts.iter().map(deploy).collect()).unwrap();
        let chain = RefCell::new(chain);
        let bytes = |value: &Value| hex::decode(&value.as_str().unwrap()[2..]).unwrap();
        let address = |value: &Value| <[u8; 20]>::try_from(bytes(value)).unwrap();
        serve(&listener, |method, params| match method {
            "eth_getCode" => json!(prefixed(chain.borrow().code(address(&params[0])))),
            "eth_call" => {
                let (to, data) = (address(&params[0]["to"]), bytes(&params[0]["data"]));
                let outcome = chain.borrow_mut().call(to, data).unwrap();
                let output = prefixed(outcome.output);
                match outcome.success {
                    true => json!(output),
                    false => json!({ "revert": output }),
                }
            }
            other => panic!("expected a call or a request for code, found {other}"),
        });
    });
    (url, addresses.recv().unwrap())
}

/// The contracts themselves, on a chain: the reusable verifier with key contracts of two manifests.
#[test]
fn a_chain_is_asked_about_committed_weights() {
    let (folder, _) = committed();
    let key = VerifyingKey::load(&folder.path("model.vk")).unwrap();
    let commitment = ModelCommitment::load(&folder.path("model.commitment")).unwrap();
    let manifest = Digest::from([0x11; 32]);
    let own = key.contract_for(&PinnedModel::new(commitment.clone())).unwrap();
    let other = key
        .contract_for(&PinnedModel::with_manifest(commitment.clone(), manifest))
        .unwrap();
    assert_eq!(own.reusable(), Reusable::Linked);
    let (url, addresses) = node_with(vec![
        Reusable::Linked.init_code(),
        Reusable::Plain.init_code(),
        own.key_init_code().unwrap(),
        other.key_init_code().unwrap(),
    ]);
    let [verifier, plain, own, other] = &addresses[..] else {
        panic!("expected four contracts, found {addresses:?}");
    };
    let ask = |verifier: &str, key: &str, more: &[&str]| {
        let linked = [
            "--key-contract",
            key,
            "--commitment",
            "model.commitment",
            "--json",
        ];
        ask(&folder, &url, verifier, &[&linked[..], more].concat())
    };
    assert_eq!(ask(verifier, own, &[]).expect(0).json()["valid"], true);
    // Under the digest of a manifest that the proof was not linked under: neither side accepts it.
    let manifest = manifest.to_string();
    let rejected = ask(verifier, other, &["--manifest", &manifest]).expect(1).json();
    assert_eq!(rejected["valid"], false);
    // The key contract is that of one manifest.
    for (key, more) in [(other, &[][..]), (own, &["--manifest", &manifest][..])] {
        ask(verifier, key, more)
            .expect(2)
            .says(&["expected the contract of the key"]);
    }
    // A verifier that checks no links.
    ask(plain, own, &[]).expect(2).says(&["expected a verifier"]);
    ask(own, own, &[]).expect(2);
}

/// A contract of one model tells its manifest itself.
#[test]
fn a_contract_of_another_manifest_is_told_apart() {
    let (folder, said) = committed();
    let digest = |field: &str| format!("0x{}", said[field].as_str().unwrap());
    let (key, manifest) = (digest("key_digest"), digest("digest"));
    let contract = |manifest: Value, verdict: u8| {
        let key = key.clone();
        let [key_id, manifest_id] = ["keyId()", "manifest()"].map(|f| json!(prefixed(call(f, &[]))));
        node(move |method, params| match &params[0]["data"] {
            _ if method == "eth_getCode" => json!("0x6001"),
            data if *data == key_id => json!(key),
            data if *data == manifest_id => manifest.clone(),
            _ => json!(word(verdict)),
        })
    };
    let ask = |url: &str| ask(&folder, url, ADDRESS, &["--commitment", "model.commitment"]);
    ask(&contract(json!(manifest), 1)).expect(0);
    ask(&contract(json!(manifest), 0)).expect(2).says(&["rejects"]);
    ask(&contract(json!(word(7)), 1))
        .expect(2)
        .says(&["expected a verifier of proofs linked under", &manifest[2..]]);
    // A contract for weights that are not committed has no such function.
    ask(&contract(Value::Null, 1))
        .expect(2)
        .says(&["expected a verifier of zkml"]);
}
