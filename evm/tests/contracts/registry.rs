//! The registry of answers: whose proof it takes, for what, until when, and how often.

use crate::compile::{Source, artefact};
use crate::proven::{KEY_ID, Proven};
use crate::{REGISTRY, address_word as address, deploy_model};
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_evm::{Chain, Outcome, call, proof_call};

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
    chain: u64,
    registry: [u8; 20],
}

impl Binding {
    /// Public values: 32 bytes are two numbers, the higher first; then the destination.
    fn values(&self) -> [Fr; 8] {
        let halves = |bytes: [u8; 32]| {
            let (high, low) = bytes.split_at(16);
            [high, low].map(number)
        };
        let [[a, b], [c, d], [e, f]] = [self.request, self.requester, self.manifest].map(halves);
        let destination = Fr::from(self.chain) * shift(160) + number(&self.registry);
        [a, b, c, d, Fr::from(self.expiry), e, f, destination]
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

/// 2 to this power.
fn shift(bits: u64) -> Fr {
    Fr::from(2).pow_vartime([bits])
}

fn requester() -> [u8; 20] {
    Chain::account(3)
}

struct World {
    chain: Chain,
    /// The model's verifier.
    model: [u8; 20],
    registry: [u8; 20],
}

impl World {
    fn new() -> Self {
        Self::with(&artefact("AnswerRegistry").init)
    }

    /// With another contract for a registry.
    fn with(registry: &[u8]) -> Self {
        let verifier = Proven::with_context(&[Fr::ZERO; 8]).verifier();
        let mut chain = Chain::new();
        chain.set_time(NOW);
        let model = deploy_model(&mut chain, &verifier);
        let mut world = Self {
            chain,
            model,
            registry: [0; 20],
        };
        world.registry = world.deploy(registry);
        world
    }

    /// One more registry for the same model.
    fn deploy(&mut self, registry: &[u8]) -> [u8; 20] {
        let words = [address(self.model), KEY_ID, MANIFEST];
        self.chain.deploy(registry, &words.concat()).unwrap().0
    }

    /// What an answer is bound to that the requester may bring.
    fn good(&self) -> Binding {
        Binding {
            request: REQUEST,
            requester: address(requester()),
            expiry: NOW + 1,
            manifest: MANIFEST,
            chain: Chain::ID,
            registry: self.registry,
        }
    }

    fn accept(&mut self, from: [u8; 20], request: [u8; 32], proven: &Proven) -> Outcome {
        self.accept_values(from, request, &proven.proof, &proven.public)
    }

    fn accept_values(&mut self, from: [u8; 20], request: [u8; 32], proof: &[u8], public: &[Fr]) -> Outcome {
        let data = proof_call("accept(bytes32,bytes,uint256[])", &[request], proof, public);
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
    let proven = w.good().prove();
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
        ..w.good()
    };
    refused(
        &w.accept(requester(), REQUEST, &second.prove()),
        "AlreadyAnswered(bytes32)",
    );
}

#[test]
fn what_is_bound_to_anything_else_is_refused() {
    let mut w = World::new();
    let good = w.good();
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
    let values = w.good().values();
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
    let outcome = w.accept_values(requester(), REQUEST, &proven.proof, &proven.public[..7]);
    refused(&outcome, "MalformedContext()");
    assert_eq!(w.recorded(), [0; 32]);
}

/// A proof is for one registry on one chain. Both numbers have one encoding.
#[test]
fn a_proof_for_another_place_is_refused() {
    let mut w = World::new();
    let good = w.good();
    let elsewhere = w.deploy(&artefact("AnswerRegistry").init);
    let mut none = good.values();
    none[7] = Fr::ZERO;
    let mut wider = good.values();
    wider[7] += shift(224);
    let mut other = good.registry;
    other[19] ^= 1;
    let wrong = [
        Binding { chain: 5, ..good }.values(),
        Binding { chain: 0, ..good }.values(),
        Binding {
            registry: elsewhere,
            ..good
        }
        .values(),
        Binding {
            registry: other,
            ..good
        }
        .values(),
        none,
        wider,
    ];
    for values in wrong {
        let proven = Proven::with_context(&values);
        refused(
            &w.accept(requester(), REQUEST, &proven),
            "WrongDestination(uint256)",
        );
    }
    // After a fork, with another id on this side.
    let proven = good.prove();
    w.chain.set_id(5);
    refused(
        &w.accept(requester(), REQUEST, &proven),
        "WrongDestination(uint256)",
    );
    let forked = Binding { chain: 5, ..good };
    assert!(w.accept(requester(), REQUEST, &forked.prove()).success);
    w.chain.set_id(u64::MAX);
    let last = Binding {
        chain: u64::MAX,
        request: [9; 32],
        ..good
    };
    assert!(w.accept(requester(), [9; 32], &last.prove()).success);
}

/// Code that deploys a registry without a check; `None` without node.
fn weakened(from: &str, to: &str) -> Option<Vec<u8>> {
    let source = Source::committed("AnswerRegistry", &REGISTRY).replaced(from, to);
    let compiled = source.compile(&[]);
    if compiled.is_none() {
        println!("no node: nothing was compiled");
    }
    compiled.map(|contract| contract.init)
}

/// One proof answers once in each of two registries that do not look at the destination.
#[test]
fn without_a_destination_a_proof_is_taken_again_elsewhere() {
    let Some(weak) = weakened("context[7] != destination()", "false") else {
        return;
    };
    let mut w = World::new();
    let proven = w.good().prove();
    assert!(w.accept(requester(), REQUEST, &proven).success);
    w.registry = w.deploy(&artefact("AnswerRegistry").init);
    refused(
        &w.accept(requester(), REQUEST, &proven),
        "WrongDestination(uint256)",
    );
    for _ in 0..2 {
        w.registry = w.deploy(&weak);
        assert!(w.accept(requester(), REQUEST, &proven).success);
    }
}

/// With a key whose context is shorter, a registry that does not ask for its length takes outputs of the model for what a
/// proof is bound to. Here they are numbers of at most 63 bits.
#[test]
fn without_a_context_outputs_pass_for_a_request() {
    let Some(weak) = weakened("length != context", "length > 99 * context") else {
        return;
    };
    let small = |high: i64, low: i64| {
        let mut bytes = [0; 32];
        bytes[8..16].copy_from_slice(&high.to_be_bytes());
        bytes[24..].copy_from_slice(&low.to_be_bytes());
        bytes
    };
    let (request, manifest) = (small(21, 22), small(23, 24));
    let mut caller = [0; 20];
    caller[19] = 25;

    let mut chain = Chain::new();
    chain.set_time(NOW);
    let verifier = Proven::with_context(&[Fr::ZERO]).verifier();
    let model = deploy_model(&mut chain, &verifier);
    let words = [address(model), KEY_ID, manifest].concat();
    let strong = chain.deploy(&artefact("AnswerRegistry").init, &words);
    assert!(strong.is_err());
    let (registry, _) = chain.deploy(&weak, &words).unwrap();
    let mut w = World {
        chain,
        model,
        registry,
    };
    let destination = w.good().values()[7];
    // The last public input comes first: seven that stand for a request, and one more.
    let expiry = NOW as i64 + 1;
    let values = [[24, 23], [expiry, 25], [0, 22], [21, 0]];
    let proven = Proven::with_values(values, &[destination]);
    let outcome = w.accept(caller, request, &proven);
    assert!(outcome.success, "{outcome:?}");
}
