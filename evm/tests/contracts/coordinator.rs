//! The coordinator: request, answer, callback, payment, refund.

use crate::compile::artefact;
use crate::proven::{KEY_ID, Proven};
use crate::{address_word as address, deploy_model};
use ff::Field;
use halo2curves::bn256::Fr;
use sha3::{Digest, Keccak256};
use zkml_evm::{COORDINATOR_CONTEXT, Chain, Outcome, call, proof_call};

const NOW: u64 = 1_800_000_000;
const DEADLINE: u64 = NOW + 100;
const PAYMENT: u128 = 5_000_000;
const CALLBACK_GAS: u128 = 300_000;

/// What `SampleConsumer` does when it is called back.
#[derive(Clone, Copy)]
enum Mood {
    Good,
    Reverts,
    Reenters,
    BurnsGas,
}

/// A coordinator with a consumer and a node, on the reusable verifier.
struct World {
    chain: Chain,
    model: [u8; 20],
    coordinator: [u8; 20],
    consumer: [u8; 20],
    node: [u8; 20],
}

/// Number of a request.
type Request = [u8; 32];

fn number(x: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&x.to_be_bytes());
    word
}

/// The key's number: the first 31 bytes of its digest.
fn key() -> Fr {
    let mut word = [0; 32];
    word[1..].copy_from_slice(&KEY_ID[..31]);
    field(word)
}

fn field(bytes: [u8; 32]) -> Fr {
    bytes
        .iter()
        .fold(Fr::ZERO, |acc, b| acc * Fr::from(256) + Fr::from(u64::from(*b)))
}

impl World {
    fn new() -> Self {
        let verifier = Proven::new().verifier();
        let mut chain = Chain::new();
        chain.set_time(NOW);
        let (user, node) = (Chain::account(1), Chain::account(2));
        chain.fund(user, 1 << 80);
        let model = deploy_model(&mut chain, &verifier);
        let mut deploy = |code: &[u8], words: &[[u8; 32]]| chain.deploy(code, &words.concat()).unwrap().0;
        // The sample's first public input is taken for its input.
        let coordinator = deploy(
            &artefact("InferenceCoordinator").init,
            &[address(model), KEY_ID, number(0), number(1)],
        );
        let consumer = deploy(&artefact("SampleConsumer").init, &[address(coordinator)]);
        World {
            chain,
            model,
            coordinator,
            consumer,
            node,
        }
    }

    /// Another coordinator for the same model, whose requests fix another public input.
    fn another_coordinator(&mut self, first: u128) -> [u8; 20] {
        let words = [address(self.model), KEY_ID, number(first), number(1)];
        let code = artefact("InferenceCoordinator").init;
        self.chain.deploy(&code, &words.concat()).unwrap().0
    }

    fn mood(&mut self, mood: Mood) {
        let data = call("setMood(uint8)", &[number(mood as u128)]);
        assert!(self.send(self.consumer, 0, data).success);
    }

    fn send(&mut self, to: [u8; 20], wei: u128, data: Vec<u8>) -> Outcome {
        self.chain.transact(Chain::account(1), to, wei, data).unwrap()
    }

    fn try_to_ask(&mut self, input: [u8; 32], deadline: u64) -> Outcome {
        let words = [
            number(0x60),
            number(deadline.into()),
            number(CALLBACK_GAS),
            number(1),
            input,
        ];
        let data = call("ask(uint256[],uint64,uint32)", &words);
        self.send(self.consumer, PAYMENT, data)
    }

    /// A request of the consumer for the sample's input.
    fn ask(&mut self) -> Request {
        requested(&self.try_to_ask(INPUT, DEADLINE))
    }

    /// A request of the user itself.
    fn ask_directly(&mut self, coordinator: [u8; 20], callback_gas: u128, inputs: &[[u8; 32]]) -> Outcome {
        let tail = 0xa0 + 32 * inputs.len() as u128;
        let mut words = vec![
            number(0x80),
            number(tail),
            number(DEADLINE.into()),
            number(callback_gas),
        ];
        words.push(number(inputs.len() as u128));
        words.extend(inputs);
        words.push(number(0));
        let data = call("request(uint256[],bytes,uint64,uint32)", &words);
        self.send(coordinator, PAYMENT, data)
    }

    /// The node's proof for a request of the consumer.
    fn prove(&self, request: Request) -> Proven {
        self.prove_as(request, self.consumer, self.node)
    }

    fn prove_as(&self, request: Request, requester: [u8; 20], node: [u8; 20]) -> Proven {
        let [requester, node] = [requester, node].map(|a| field(address(a)));
        Proven::with_context(&[field(request), requester, node, key()])
    }

    fn answer(&mut self, request: Request, proven: &Proven) -> Outcome {
        self.answer_as(self.node, self.coordinator, request, proven)
    }

    /// Brings an answer, as anyone may.
    fn answer_as(
        &mut self,
        from: [u8; 20],
        coordinator: [u8; 20],
        request: Request,
        proven: &Proven,
    ) -> Outcome {
        let data = answer_call(request, proven);
        self.chain.transact(from, coordinator, 0, data).unwrap()
    }

    fn refund(&mut self, request: Request) -> Outcome {
        let data = call("refund(uint256)", &[request]);
        self.send(self.coordinator, 0, data)
    }

    /// A number that a contract keeps.
    fn read(&mut self, of: [u8; 20], signature: &str, words: &[[u8; 32]]) -> Vec<u8> {
        self.chain.call(of, call(signature, words)).unwrap().output
    }

    fn answers(&mut self) -> Vec<u8> {
        self.read(self.consumer, "answers()", &[])
    }
}

fn answer_call(request: Request, proven: &Proven) -> Vec<u8> {
    proof_call(
        "answer(uint256,bytes,uint256[])",
        &[request],
        &proven.proof,
        &proven.public,
    )
}

/// The request that a transaction made, from its event.
#[track_caller]
fn requested(outcome: &Outcome) -> Request {
    assert!(outcome.success, "{outcome:?}");
    outcome.events[0].0[1]
}

/// Whether the callback took the outputs, from the event of an answer.
#[track_caller]
fn delivered(outcome: &Outcome) -> bool {
    assert!(outcome.success, "{outcome:?}");
    let (_, data) = outcome.events.last().expect("an event");
    data[..32] == number(1)
}

#[track_caller]
fn reverts(outcome: &Outcome, error: &str) {
    assert!(!outcome.success, "{outcome:?}");
    assert_eq!(outcome.output[..4], call(error, &[])[..4], "{outcome:?}");
}

/// The sample's input.
const INPUT: [u8; 32] = [0; 32];

/// Another number that is no request.
const NOWHERE: Request = [7; 32];

#[test]
fn an_answer_is_delivered_once_and_paid() {
    let mut w = World::new();
    let request = w.ask();
    let proven = w.prove(request);
    let outcome = w.answer(request, &proven);
    assert!(delivered(&outcome));
    assert_eq!(w.chain.balance(w.node), PAYMENT);
    assert_eq!(w.answers(), number(1));
    assert_eq!(w.read(w.consumer, "answered()", &[]), request);
    // The first output is -7, at scale 2.
    let first = i128::from_be_bytes(
        w.read(w.consumer, "outputs(uint256)", &[number(0)])[16..]
            .try_into()
            .unwrap(),
    );
    assert_eq!(first, -7 * 250_000_000_000_000_000);
    println!("gas: {} for an answer", outcome.gas);
    // Not again, and not for another request.
    reverts(&w.answer(request, &proven), "UnknownRequest(uint256)");
    let next = w.ask();
    reverts(&w.answer(next, &proven), "WrongContext(uint256)");
    assert_eq!(w.answers(), number(1));
    let own = w.prove(next);
    assert!(delivered(&w.answer(next, &own)));
    assert_eq!(w.chain.balance(w.node), 2 * PAYMENT);
}

#[test]
fn a_proof_answers_only_what_was_asked() {
    let mut w = World::new();
    let other = requested(&w.try_to_ask(number(5), DEADLINE));
    let proven = w.prove(other);
    // Another input than the one that was asked about.
    reverts(&w.answer(other, &proven), "WrongContext(uint256)");
    let request = w.ask();
    let mut proven = w.prove(request);
    let good = proven.public.clone();
    // Each number of the context, with the proof of this request: coordinator or verifier sees it.
    let context = good.len() - COORDINATOR_CONTEXT;
    for (i, error) in ["WrongContext", "WrongContext", "InvalidProof", "WrongContext"]
        .iter()
        .enumerate()
    {
        proven.public[context + i] += Fr::ONE;
        reverts(&w.answer(request, &proven), &format!("{error}(uint256)"));
        proven.public = good.clone();
    }
    proven.proof[3] ^= 1;
    reverts(&w.answer(request, &proven), "InvalidProof(uint256)");
    proven.proof[3] ^= 1;
    proven.public[1] += Fr::ONE;
    reverts(&w.answer(request, &proven), "InvalidProof(uint256)");
    // Fewer public inputs than the model has: the context is there, the verifier reverts.
    proven.public = [&good[..1], &good[context..]].concat();
    reverts(&w.answer(request, &proven), "MalformedCalldata()");
    proven.public = good[context..].to_vec();
    reverts(&w.answer(request, &proven), "WrongContext(uint256)");
    proven.public = good;
    reverts(&w.answer(NOWHERE, &proven), "UnknownRequest(uint256)");
    assert!(delivered(&w.answer(request, &proven)));
}

#[test]
fn a_copied_answer_pays_the_node_that_made_it() {
    let mut w = World::new();
    let request = w.ask();
    let thief = Chain::account(3);
    let mut proven = w.prove(request);
    // The thief's own name in it.
    let node = proven.public.len() - 2;
    let good = proven.public[node];
    proven.public[node] = field(address(thief));
    reverts(
        &w.answer_as(thief, w.coordinator, request, &proven),
        "InvalidProof(uint256)",
    );
    proven.public[node] = good;
    let outcome = w.answer_as(thief, w.coordinator, request, &proven);
    assert!(delivered(&outcome));
    assert_eq!(outcome.events.last().unwrap().0[2], address(w.node));
    assert_eq!(w.chain.balance(w.node), PAYMENT);
    assert_eq!(w.chain.balance(thief), 0);
    // A proof must name a node, and an address is 20 bytes.
    let request = w.ask();
    let nobody = w.prove_as(request, w.consumer, [0; 20]);
    reverts(&w.answer(request, &nobody), "WrongContext(uint256)");
    let mut long = address(w.node);
    long[11] = 1;
    let context = [field(request), field(address(w.consumer)), field(long), key()];
    reverts(
        &w.answer(request, &Proven::with_context(&context)),
        "WrongContext(uint256)",
    );
}

#[test]
fn requests_are_of_one_coordinator_on_one_chain() {
    let mut w = World::new();
    let (user, first) = (Chain::account(1), w.coordinator);
    let second = w.another_coordinator(0);
    let one = requested(&w.ask_directly(first, CALLBACK_GAS, &[INPUT]));
    let two = requested(&w.ask_directly(second, CALLBACK_GAS, &[INPUT]));
    for (request, coordinator) in [(one, first), (two, second)] {
        // Chain, coordinator, its count.
        let text = [number(1), address(coordinator), number(1)].concat();
        let hash: [u8; 32] = Keccak256::digest(text).into();
        assert_eq!(request[1..], hash[..31]);
        assert_eq!(request[0], 0);
    }
    let proven = w.prove_as(one, user, w.node);
    let node = w.node;
    reverts(
        &w.answer_as(node, second, one, &proven),
        "UnknownRequest(uint256)",
    );
    reverts(&w.answer_as(node, second, two, &proven), "WrongContext(uint256)");
    // The user has no callback: it is paid for all the same.
    assert!(!delivered(&w.answer_as(node, first, one, &proven)));
    assert_eq!(w.chain.balance(node), PAYMENT);
}

#[test]
fn requests_fix_public_inputs_anywhere() {
    let mut w = World::new();
    let (user, node) = (Chain::account(1), w.node);
    // Public input 4 of the sample is 5.
    let coordinator = w.another_coordinator(4);
    let five = requested(&w.ask_directly(coordinator, 0, &[number(5)]));
    let six = requested(&w.ask_directly(coordinator, 0, &[number(6)]));
    let proven = w.prove_as(six, user, node);
    reverts(
        &w.answer_as(node, coordinator, six, &proven),
        "WrongContext(uint256)",
    );
    let proven = w.prove_as(five, user, node);
    assert!(w.answer_as(node, coordinator, five, &proven).success);
    // The last one before the context can be fixed, and nothing after it.
    for (first, error) in [(7, "InvalidProof(uint256)"), (8, "WrongContext(uint256)")] {
        let coordinator = w.another_coordinator(first);
        let request = requested(&w.ask_directly(coordinator, 0, &[number(3)]));
        let mut proven = w.prove_as(request, user, node);
        proven.proof[3] ^= 1;
        reverts(&w.answer_as(node, coordinator, request, &proven), error);
    }
}

#[test]
fn requests_that_no_proof_could_answer_are_refused() {
    let mut w = World::new();
    let coordinator = w.coordinator;
    let mut ask = |gas, inputs: &[[u8; 32]]| w.ask_directly(coordinator, gas, inputs);
    reverts(&ask(CALLBACK_GAS, &[]), "WrongRequest()");
    reverts(&ask(CALLBACK_GAS, &[INPUT, INPUT]), "WrongRequest()");
    reverts(&ask(2_000_001, &[INPUT]), "WrongRequest()");
    requested(&ask(2_000_000, &[INPUT]));
    reverts(&w.try_to_ask(INPUT, NOW - 1), "WrongDeadline(uint256)");
    reverts(&w.try_to_ask(INPUT, NOW + 40 * 86_400), "WrongDeadline(uint256)");
}

#[test]
fn requests_expire_and_are_refunded_once() {
    let mut w = World::new();
    let request = w.ask();
    let proven = w.prove(request);
    reverts(&w.refund(NOWHERE), "UnknownRequest(uint256)");
    w.chain.set_time(DEADLINE);
    reverts(&w.refund(request), "RequestOpen(uint256,uint256)");
    w.chain.set_time(DEADLINE + 1);
    reverts(&w.answer(request, &proven), "RequestExpired(uint256,uint256)");
    assert!(w.refund(request).success);
    assert_eq!(w.chain.balance(w.consumer), PAYMENT);
    reverts(&w.refund(request), "UnknownRequest(uint256)");
    reverts(&w.answer(request, &proven), "UnknownRequest(uint256)");
    assert_eq!(w.chain.balance(w.coordinator), 0);
}

#[test]
fn what_is_not_taken_is_kept_for_its_owner() {
    let mut w = World::new();
    let request = w.ask();
    w.chain.set_time(DEADLINE + 1);
    w.mood(Mood::Reverts);
    assert!(w.refund(request).success);
    assert_eq!(w.chain.balance(w.coordinator), PAYMENT);
    let credit = |w: &mut World| w.read(w.coordinator, "credit(address)", &[address(w.consumer)]);
    assert_eq!(credit(&mut w), number(PAYMENT));
    // Not for others, not to a recipient that refuses.
    let withdraw = call("withdraw(address)", &[address(Chain::account(1))]);
    reverts(&w.send(w.coordinator, 0, withdraw), "NothingPaid()");
    let collect = |to| call("collect(address)", &[address(to)]);
    reverts(&w.send(w.consumer, 0, collect(w.consumer)), "NothingPaid()");
    assert_eq!(credit(&mut w), number(PAYMENT));
    let heir = Chain::account(9);
    assert!(w.send(w.consumer, 0, collect(heir)).success);
    assert_eq!(w.chain.balance(heir), PAYMENT);
    reverts(&w.send(w.consumer, 0, collect(heir)), "NothingPaid()");
}

#[test]
fn a_callback_that_misbehaves_harms_no_other_request() {
    for mood in [Mood::Reverts, Mood::Reenters, Mood::BurnsGas] {
        let mut w = World::new();
        w.mood(mood);
        let request = w.ask();
        let proven = w.prove(request);
        let outcome = w.answer(request, &proven);
        // The event says that the output was not taken.
        assert!(!delivered(&outcome));
        assert_eq!(w.chain.balance(w.node), PAYMENT);
        assert_eq!(w.answers(), number(0));
        w.mood(Mood::Good);
        reverts(&w.answer(request, &proven), "UnknownRequest(uint256)");
        w.chain.set_time(DEADLINE + 1);
        reverts(&w.refund(request), "UnknownRequest(uint256)");
    }
}

#[test]
fn no_account_can_starve_a_callback() {
    let mut w = World::new();
    let request = w.ask();
    let data = answer_call(request, &w.prove(request));
    let enough = w.chain.call(w.coordinator, data.clone()).unwrap();
    assert!(delivered(&enough));
    let mut reverted = 0;
    for gas in (300_000..enough.gas + 2 * CALLBACK_GAS as u64).step_by(9_973) {
        let outcome = w.chain.call_with_gas(w.coordinator, data.clone(), gas).unwrap();
        assert!(!outcome.success || delivered(&outcome), "{gas} gas");
        reverted += usize::from(!outcome.success);
    }
    assert!(reverted > 10);
}
