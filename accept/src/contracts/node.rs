//! The contracts on a real node: deployed, asked by the command line, request, callback, payment.

use super::anvil::{CHAIN, Node, gas, text};
use super::tools::{Compiler, Tools};
use super::{Subject, coordinator, usable};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use zkml_evm::Function;

/// Runs a node and asks it.
pub fn run(
    zkml: &Result<PathBuf>,
    subjects: &[&Subject],
    workshop: &mut Workshop,
    tools: &Result<Tools>,
    report: &mut Report,
) {
    let mut node = None;
    report.measure(Item::new("node: anvil", "starts"), || {
        let started = Node::start(usable(tools)?)?;
        let version = text(&started.request("web3_clientVersion", json!([]))?)?;
        node = Some(started);
        Ok(Figure::new(true, version))
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
        let item = Item::new(
            format!("{}: request, callback, payment on the node", subject.name),
            "delivered and paid once, whichever account brings it; refunded when late",
        );
        report.measure(item, || {
            let node = node.as_ref().context("there is no node")?;
            coordinator::run(node, subject, workshop, usable(tools)?)
        });
    }
}

/// Deploys both forms and asks them through the command line.
fn verify(node: &Node, zkml: &Path, subject: &Subject, all: &[&Subject], tools: &Tools) -> Result<Figure> {
    let compile = |subject: &Subject| -> Result<Vec<u8>> {
        Ok(tools
            .compile(Compiler::Newest, subject.contract, &subject.source()?)?
            .init)
    };
    let own = node.deploy(&compile(subject)?)?;
    let other = all
        .iter()
        .copied()
        .find(|s| s.name != subject.name)
        .context("another model")?;
    let other = node.deploy(&compile(other)?)?;
    let reusable = node.deploy(&subject.verifier.reusable().init_code())?;
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
    let (url, chain) = (node.url(), CHAIN.to_string());
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
    let gas = gas(&node.send(0, Some(&own), 0, &data)?)?;
    Ok(Figure::new(
        true,
        format!(
            "{} answers as expected; {gas} gas by the node's receipt",
            tries.len()
        ),
    ))
}
