//! The registry of answers: whose proof it takes, for what, until when, and how often.

use crate::compile::artefact;
use crate::proven::Proven;
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_evm::{Chain, KeyContract, Outcome, call};

const NOW: u64 = 1_800_000_000;
const MANIFEST: [u8; 32] = [0x77; 32];
const REQUEST: [u8; 32] = [0x88; 32];

/// What binds a proof to a request, as zkml's network protocol has it.
#[derive(Clone, Copy)]
struct Binding {
    request: [u8; 32],
    requester: [u8; 32],
    expiry: u64,
    manifest: [u8; 32],
}

impl Binding {
    /// An answer that the requester may bring.
    fn good() -> Self {
        Self {
            request: REQUEST,
            requester: address(requester()),
            expiry: NOW + 1,
            manifest: MANIFEST,
        }
    }

    /// Public values: 32 bytes are two numbers, the higher first.
    fn values(&self) -> [Fr; 7] {
        let halves = |bytes: [u8; 32]| {
            let (high, low) = bytes.split_at(16);
            [high, low].map(number)
        };
        let [[a, b], [c, d], [e, f]] = [self.request, self.requester, self.manifest].map(halves);
        [a, b, c, d, Fr::from(self.expiry), e, f]
    }

    fn prove(&self) -> Proven {
        Proven::with_context(&self.values())
    }
}

fn number(bytes: &[u8]) -> Fr {
    bytes
        .iter()
        .fold(Fr::from(0), |x, b| x * Fr::from(256) + Fr::from(u64::from(*b)))
}

fn address(a: [u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&a);
    word
}

fn requester() -> [u8; 20] {
    Chain::account(3)
}

struct World {
    chain: Chain,
    registry: [u8; 20],
}

impl World {
    fn new() -> Self {
        let verifier = Binding::good().prove().verifier();
        let mut chain = Chain::new();
        chain.set_time(NOW);
        let mut deploy = |code: &[u8], words: &[[u8; 32]]| chain.deploy(code, &words.concat()).unwrap().0;
        let reusable = deploy(&verifier.reusable().init_code(), &[]);
        let key = KeyContract {
            address: deploy(&verifier.key_init_code().unwrap(), &[]),
            code_hash: verifier.key_code_hash().unwrap(),
        };
        let words = [address(reusable), address(key.address), key.code_hash];
        let model = deploy(&artefact("ZkmlModel").init, &words);
        let registry = deploy(&artefact("AnswerRegistry").init, &[address(model), MANIFEST]);
        Self { chain, registry }
    }

    fn accept(&mut self, from: [u8; 20], request: [u8; 32], proven: &Proven) -> Outcome {
        self.accept_values(from, request, &proven.proof, &proven.public)
    }

    fn accept_values(&mut self, from: [u8; 20], request: [u8; 32], proof: &[u8], public: &[Fr]) -> Outcome {
        // The two arrays are encoded as a verifier has them, a word further on.
        let inner = zkml_evm::calldata(zkml_evm::Function::Verify, None, proof, public);
        let word = |at: usize| u32::from_be_bytes(inner[at..at + 4].try_into().unwrap());
        let offset = |n: u32| {
            let mut word = [0; 32];
            word[28..].copy_from_slice(&(n + 32).to_be_bytes());
            word
        };
        let offsets = [offset(word(4 + 28)), offset(word(36 + 28))];
        let mut data = call(
            "accept(bytes32,bytes,uint256[])",
            &[request, offsets[0], offsets[1]],
        );
        data.extend(&inner[68..]);
        self.chain.transact(from, self.registry, 0, data).unwrap()
    }

    fn recorded(&mut self) -> [u8; 32] {
        let data = call("answers(address,bytes32)", &[address(requester()), REQUEST]);
        let outcome = self.chain.call(self.registry, data).unwrap();
        outcome.output.try_into().unwrap()
    }
}

fn refused(outcome: &Outcome, error: &str) {
    assert!(!outcome.success, "{error}");
    assert_eq!(outcome.output[..4], call(error, &[]), "{error}");
}

#[test]
fn an_answer_is_taken_once_from_whom_it_is_for() {
    let mut w = World::new();
    let proven = Binding::good().prove();
    refused(
        &w.accept(Chain::account(4), REQUEST, &proven),
        "WrongRequester(bytes32)",
    );
    assert_eq!(w.recorded(), [0; 32]);
    let outcome = w.accept(requester(), REQUEST, &proven);
    assert!(outcome.success, "{outcome:?}");
    println!("gas: {}", outcome.gas);
    let [(topics, _)] = &outcome.events[..] else {
        panic!("one event");
    };
    assert_eq!(topics[1..], [REQUEST, address(requester())]);
    assert_ne!(w.recorded(), [0; 32]);
    refused(
        &w.accept(requester(), REQUEST, &proven),
        "AlreadyAnswered(bytes32)",
    );
    // Another proof for the same request is none, either.
    let second = Binding {
        expiry: NOW + 2,
        ..Binding::good()
    };
    refused(
        &w.accept(requester(), REQUEST, &second.prove()),
        "AlreadyAnswered(bytes32)",
    );
}

#[test]
fn what_is_bound_to_anything_else_is_refused() {
    let mut w = World::new();
    let good = Binding::good();
    let mut other_requester = good;
    other_requester.requester[31] ^= 1;
    // A digest of a reply key, whose last 20 bytes are the sender's.
    let mut no_address = good;
    no_address.requester[0] = 1;
    let mut other_request = good;
    other_request.request[0] ^= 1;
    let mut other_model = good;
    other_model.manifest[31] ^= 1;
    let expired = Binding { expiry: NOW, ..good };
    for (binding, error) in [
        (other_requester, "WrongRequester(bytes32)"),
        (no_address, "WrongRequester(bytes32)"),
        (other_request, "WrongRequest(bytes32)"),
        (other_model, "WrongModel(bytes32)"),
        (expired, "RequestExpired(uint256)"),
    ] {
        refused(&w.accept(requester(), REQUEST, &binding.prove()), error);
    }
    // A good proof whose context is changed to what the registry wants.
    let stranger = other_model.prove();
    let honest = good.prove();
    refused(
        &w.accept_values(requester(), REQUEST, &stranger.proof, &honest.public),
        "InvalidProof()",
    );
    // And one whose time has come while it was under way.
    w.chain.set_time(NOW + 1);
    refused(
        &w.accept(requester(), REQUEST, &honest),
        "RequestExpired(uint256)",
    );
    assert_eq!(w.recorded(), [0; 32]);
}

/// A prover may put any field element into the context: a request has one encoding nevertheless.
#[test]
fn numbers_that_are_too_wide_are_refused() {
    let mut w = World::new();
    let values = Binding::good().values();
    let shift = |bits: u64| Fr::from(2).pow_vartime([bits]);
    for (at, bits) in [
        (0, 128),
        (1, 128),
        (2, 128),
        (3, 160),
        (4, 64),
        (5, 128),
        (6, 200),
    ] {
        let mut context = values;
        context[at] += shift(bits);
        let proven = Proven::with_context(&context);
        refused(&w.accept(requester(), REQUEST, &proven), "MalformedContext()");
    }
    // The same sum of halves: one less in the higher, 2^128 more in the lower.
    let mut context = values;
    context[0] -= Fr::from(1);
    context[1] += shift(128);
    let proven = Proven::with_context(&context);
    refused(&w.accept(requester(), REQUEST, &proven), "MalformedContext()");
    let outcome = w.accept_values(requester(), REQUEST, &proven.proof, &proven.public[..6]);
    refused(&outcome, "MalformedContext()");
    assert_eq!(w.recorded(), [0; 32]);
}
