//! Inference on request: a contract asks, a node proves, and any account brings the answer and has the node paid.

use super::Subject;
use super::anvil::{Node, gas};
use super::tools::{Compiler, Tools, contract};
use crate::report::Figure;
use crate::workshop::{Setup, Workshop};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::PathBuf;
use zkml::{CompileOptions, Element, Optimize, Proof, Role};
use zkml_evm::rpc::bytes;
use zkml_evm::{COORDINATOR_CONTEXT, address_word, call, number_word as number, proof_call};
use zkml_network::EvmAddress;

const PAYMENT: u64 = 1_000_000_000;
const CALLBACK_GAS: u64 = 1_000_000;
/// How long requests stay open.
const PATIENCE: u64 = 600;
/// Accounts: the node that proves, and another that brings its answers.
const PROVER: usize = 1;
const BEARER: usize = 2;

type Word = [u8; 32];

/// Requests, answers, and what becomes of them.
pub fn run(node: &Node, subject: &Subject, workshop: &mut Workshop, tools: &Tools) -> Result<Figure> {
    let options = CompileOptions::default()
        .optimize(Optimize::Evm)
        .context(COORDINATOR_CONTEXT as u16);
    let setup = workshop.setup(&subject.source_model, &subject.calibration, &options)?;
    let site = Site::deploy(node, subject, &setup, tools)?;

    let request = site.ask()?;
    let proof = site.prove(subject, &setup, request)?;
    let before = node.balance(node.account(PROVER)?)?;
    let gas = gas(&site.answer(request, &proof)?)?;
    let paid = node.balance(node.account(PROVER)?)? - before;
    ensure!(
        paid == PAYMENT.into(),
        "expected {PAYMENT} wei for the node, found {paid}"
    );
    let claim = setup.prover()?.verifier().verify(&proof)?;
    let output = claim.tensors.iter().find(|t| t.role == Role::Output);
    let output = output.context("an output")?;
    for (i, value) in output.values.iter().enumerate() {
        let found = fixed_point(&site.read("outputs(uint256)", &[number(i as u64)])?);
        ensure!(
            (found - value).abs() < 1e-9 * value.abs().max(1.0),
            "expected output {i} to be {value}, found {found}"
        );
    }
    // Once, and for one request.
    ensure!(
        site.answer(request, &proof).is_err(),
        "the request was answered twice"
    );
    let late = site.ask()?;
    ensure!(
        site.answer(late, &proof).is_err(),
        "a proof answered another request"
    );
    ensure!(site.refund(late).is_err(), "an open request was refunded");
    node.wait(PATIENCE + 1)?;
    let own = site.prove(subject, &setup, late)?;
    ensure!(site.answer(late, &own).is_err(), "a late answer was taken");
    site.refund(late)?;
    let answers = site.read("answers()", &[])?;
    ensure!(answers == number(1), "expected one callback, found {answers:?}");
    let (refunded, left) = (node.balance(&site.consumer)?, node.balance(&site.coordinator)?);
    Ok(Figure::new(
        refunded == PAYMENT.into() && left == 0,
        format!(
            "{} outputs, {gas} gas for the answer with its callback",
            output.values.len()
        ),
    ))
}

/// The contracts.
struct Site<'a> {
    node: &'a Node,
    coordinator: String,
    consumer: String,
}

impl<'a> Site<'a> {
    fn deploy(node: &'a Node, subject: &Subject, setup: &Setup, tools: &Tools) -> Result<Self> {
        let source = setup
            .verifying_key
            .contract()?
            .contract_source(subject.contract)?;
        let verifier = tools.compile(Compiler::Newest, subject.contract, &source)?;
        let verifier = node.deploy(&verifier.init)?;
        let all = tools.compile_files(Compiler::Newest, &sources())?;
        let deploy = |name: &str, arguments: &[Word]| {
            node.deploy(&[contract(&all, name)?.init, arguments.concat()].concat())
        };
        // The model's inputs are private: requests fix no public inputs.
        let key = *setup.verifying_key.digest().as_bytes();
        let arguments = [address(&verifier)?, key, number(0), number(0)];
        let coordinator = deploy("InferenceCoordinator", &arguments)?;
        let consumer = deploy("SampleConsumer", &[address(&coordinator)?])?;
        Ok(Self {
            node,
            coordinator,
            consumer,
        })
    }

    /// A request of the consumer.
    fn ask(&self) -> Result<Word> {
        let deadline = self.node.time()? + PATIENCE;
        let words = [number(0x60), number(deadline), number(CALLBACK_GAS), number(0)];
        let data = call("ask(uint256[],uint64,uint32)", &words);
        let receipt = self.node.send(0, Some(&self.consumer), PAYMENT, &data)?;
        word(&bytes(&receipt["logs"][0]["topics"][1]).context("expected a topic")?)
    }

    /// The node's proof for a request.
    fn prove(&self, subject: &Subject, setup: &Setup, request: Word) -> Result<Proof> {
        let node = address(self.node.account(PROVER)?)?;
        let data = call("contextOf(uint256,address)", &[request, node]);
        let context = self.node.call(&self.coordinator, &data)?;
        let elements = context.chunks(32).map(Element::from_be_bytes);
        let elements: Option<Vec<Element>> = elements.collect();
        setup.prove_with(&subject.input, elements.context("field elements")?)
    }

    /// Brings the answer to a request.
    fn answer(&self, request: Word, proof: &Proof) -> Result<Value> {
        let signature = "answer(uint256,bytes,uint256[])";
        let data = proof_call(signature, &[request], proof.bytes(), proof.public_values());
        self.node.send(BEARER, Some(&self.coordinator), 0, &data)
    }

    fn refund(&self, request: Word) -> Result<Value> {
        let data = call("refund(uint256)", &[request]);
        self.node.send(BEARER, Some(&self.coordinator), 0, &data)
    }

    /// A number that the consumer keeps.
    fn read(&self, signature: &str, words: &[Word]) -> Result<Word> {
        word(&self.node.call(&self.consumer, &call(signature, words))?)
    }
}

/// The contracts that come with the repository.
fn sources() -> Vec<PathBuf> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "evm", "solidity"]
        .iter()
        .collect();
    let files = [
        "src/IZkmlVerifier.sol",
        "src/PinnedKey.sol",
        "src/IInferenceConsumer.sol",
        "src/InferenceCoordinator.sol",
        "test/SampleConsumer.sol",
    ];
    files.iter().map(|file| folder.join(file)).collect()
}

fn address(text: &str) -> Result<Word> {
    let address: EvmAddress = text.parse().map_err(anyhow::Error::msg)?;
    Ok(address_word(*address.as_bytes()))
}

fn word(bytes: &[u8]) -> Result<Word> {
    let word = bytes.try_into();
    word.ok()
        .with_context(|| format!("expected 32 bytes, found {}", bytes.len()))
}

/// A signed number times 10^18 that fits 128 bits.
fn fixed_point(word: &Word) -> f64 {
    let mut half = [0; 16];
    half.copy_from_slice(&word[16..]);
    i128::from_be_bytes(half) as f64 / 1e18
}
