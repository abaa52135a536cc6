//! The contracts on a real node: deployed, asked by the command line, request, callback, payment.

use super::tools::{Compiler, Tools};
use super::{Subject, usable};
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use zkml_evm::Function;

/// How long the node may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// Chain of the node.
const CHAIN: u64 = 31_337;

/// Runs a node and asks it.
pub fn run(zkml: &Result<PathBuf>, subjects: &[Subject], tools: &Result<Tools>, report: &mut Report) {
    let mut node = None;
    report.measure(Item::new("node: anvil", "starts"), || {
        let started = Node::start(usable(tools)?)?;
        let version = started.request("web3_clientVersion", json!([]))?;
        node = Some(started);
        Ok(Figure::new(true, version.as_str().unwrap_or_default()))
    });
    for subject in subjects {
        let item = Item::new(
            format!("{}: on the node, by `zkml verify --rpc`", subject.name),
            "0 for a proof, 1 for a changed one, 2 for a wrong chain, contract, node",
        );
        report.measure(item, || {
            let zkml = zkml.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
            let node = node.as_ref().context("there is no node")?;
            verify(node, zkml, subject, subjects, usable(tools)?)
        });
    }
}

/// A node in a process of its own.
pub struct Node {
    process: Child,
    url: String,
    from: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Node {
    fn start(tools: &Tools) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = tools
            .anvil()
            .args(["--port", &port.to_string(), "--silent"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start anvil")?;
        let mut node = Node {
            process,
            url: format!("http://127.0.0.1:{port}"),
            from: String::new(),
        };
        let start = Instant::now();
        loop {
            match node.request("eth_accounts", json!([])) {
                Ok(accounts) => {
                    node.from = text(&accounts[0])?;
                    return Ok(node);
                }
                Err(error) if start.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    fn request(&self, method: &str, params: Value) -> Result<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer = ureq::post(&self.url)
            .header("content-type", "application/json")
            .send(body.to_string())?;
        let mut answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        ensure!(
            answer.get("result").is_some(),
            "{method}: expected a result, found {}",
            answer["error"]
        );
        Ok(answer["result"].take())
    }

    /// A transaction; the result is its receipt.
    fn send(&self, to: Option<&str>, data: &[u8]) -> Result<Value> {
        let mut transaction = json!({ "from": self.from, "data": hex(data), "gas": "0xf00000" });
        if let Some(to) = to {
            transaction["to"] = to.into();
        }
        let hash = self.request("eth_sendTransaction", json!([transaction]))?;
        let receipt = self.request("eth_getTransactionReceipt", json!([hash]))?;
        ensure!(receipt["status"] == "0x1", "expected success, found {receipt}");
        Ok(receipt)
    }

    fn deploy(&self, code: &[u8]) -> Result<String> {
        text(&self.send(None, code)?["contractAddress"])
    }
}

fn text(value: &Value) -> Result<String> {
    let text = value.as_str();
    Ok(text
        .with_context(|| format!("expected a text, found {value}"))?
        .to_owned())
}

fn hex(data: &[u8]) -> String {
    format!("0x{}", hex::encode(data))
}

/// Deploys both forms and asks them through the command line.
fn verify(node: &Node, zkml: &Path, subject: &Subject, all: &[Subject], tools: &Tools) -> Result<Figure> {
    let compile = |subject: &Subject| -> Result<Vec<u8>> {
        Ok(tools
            .compile(Compiler::Newest, subject.contract, &subject.source()?)?
            .init)
    };
    let own = node.deploy(&compile(subject)?)?;
    let other = all
        .iter()
        .find(|s| s.name != subject.name)
        .context("another model")?;
    let other = node.deploy(&compile(other)?)?;
    let reusable = node.deploy(&zkml_evm::reusable_init_code())?;
    let key = node.deploy(&subject.verifier.key_init_code()?)?;

    let folder = tempfile::tempdir()?;
    let (vk, proof) = (folder.path().join("model.vk"), folder.path().join("good.zkproof"));
    let bad = folder.path().join("bad.json");
    subject.setup.verifying_key.save(&vk)?;
    subject.proof.save(&proof)?;
    let mut changed: Value = serde_json::from_str(&subject.proof.to_json()?)?;
    let last = changed["public_values"]
        .as_array_mut()
        .and_then(|values| values.last_mut())
        .context("a public value")?;
    *last = json!(format!("0x{:064x}", 123_456));
    std::fs::write(&bad, changed.to_string())?;

    let ask = |proof: &Path, arguments: &[&str]| -> Result<i32> {
        let status = Command::new(zkml)
            .args(["verify", "--quiet", "--vk"])
            .arg(&vk)
            .arg(proof)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        status.code().context("zkml was killed")
    };
    let (url, chain) = (node.url.as_str(), CHAIN.to_string());
    let tries: Vec<(&str, i32, &Path, Vec<&str>)> = vec![
        (
            "own contract",
            0,
            &proof,
            vec!["--rpc", url, "--address", &own, "--chain-id", &chain],
        ),
        (
            "reusable verifier",
            0,
            &proof,
            vec!["--rpc", url, "--address", &reusable, "--key-contract", &key],
        ),
        ("in-process EVM", 0, &proof, vec!["--evm"]),
        ("changed proof", 1, &bad, vec!["--rpc", url, "--address", &own]),
        ("changed proof, in-process EVM", 1, &bad, vec!["--evm"]),
        (
            "wrong chain",
            2,
            &proof,
            vec!["--rpc", url, "--address", &own, "--chain-id", "1"],
        ),
        (
            "another model's contract",
            2,
            &proof,
            vec!["--rpc", url, "--address", &other],
        ),
        (
            "another key contract",
            2,
            &proof,
            vec!["--rpc", url, "--address", &reusable, "--key-contract", &own],
        ),
        (
            "no contract",
            2,
            &proof,
            vec![
                "--rpc",
                url,
                "--address",
                "0x00000000000000000000000000000000000000ff",
            ],
        ),
        (
            "no node",
            2,
            &proof,
            vec!["--rpc", "http://127.0.0.1:9", "--address", &own],
        ),
    ];
    for (what, expected, proof, arguments) in &tries {
        let found = ask(proof, arguments)?;
        ensure!(
            found == *expected,
            "{what}: expected exit code {expected}, found {found}"
        );
    }
    let data = subject.proof.calldata(Function::Verify, None)?;
    let receipt = node.send(Some(&own), &data)?;
    let gas = text(&receipt["gasUsed"])?;
    let gas = u64::from_str_radix(gas.trim_start_matches("0x"), 16)?;
    Ok(Figure::new(
        true,
        format!(
            "{} answers as expected; {gas} gas by the node's receipt",
            tries.len()
        ),
    ))
}
