//! The coordinator: request, answer, callback, payment, refund.

use crate::circuit::Proven;
use crate::compile::artefact;
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_evm::{Chain, KeyContract, Outcome, call};

const NOW: u64 = 1_800_000_000;
const DEADLINE: u64 = NOW + 100;
const PAYMENT: u128 = 5_000_000;
const CALLBACK_GAS: usize = 300_000;

/// What `SampleConsumer` does when it is called back.
#[derive(Clone, Copy)]
enum Mood {
    Good,
    Reverts,
    Reenters,
    BurnsGas,
}

/// A coordinator with a consumer and two nodes, on the reusable verifier.
struct World {
    chain: Chain,
    coordinator: [u8; 20],
    consumer: [u8; 20],
    node: [u8; 20],
}

fn number(x: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&x.to_be_bytes());
    word
}

fn address(a: [u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&a);
    word
}

/// The model's number: the first 31 bytes of its digest.
fn model() -> Fr {
    let mut word = [0x11; 32];
    word[0] = 0;
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
        let mut deploy = |code: &[u8], words: &[[u8; 32]]| chain.deploy(code, &words.concat()).unwrap().0;
        let reusable = deploy(&artefact("ZkmlVerifier").init, &[]);
        let key = KeyContract {
            address: deploy(&verifier.key_init_code().unwrap(), &[]),
            code_hash: verifier.key_code_hash().unwrap(),
        };
        let words = [address(reusable), address(key.address), key.code_hash];
        let model = deploy(&artefact("ZkmlModel").init, &words);
        // The sample's first public input is taken for its input.
        let coordinator = deploy(
            &artefact("InferenceCoordinator").init,
            &[address(model), number(1)],
        );
        let consumer = deploy(&artefact("SampleConsumer").init, &[address(coordinator)]);
        World {
            chain,
            coordinator,
            consumer,
            node,
        }
    }

    fn mood(&mut self, mood: Mood) {
        let data = call("setMood(uint8)", &[number(mood as u128)]);
        assert!(self.send(self.consumer, 0, data).success);
    }

    fn send(&mut self, to: [u8; 20], wei: u128, data: Vec<u8>) -> Outcome {
        self.chain.transact(Chain::account(1), to, wei, data).unwrap()
    }

    fn ask(&mut self, input: [u8; 32], deadline: u64) -> Outcome {
        let words = [
            number(0x60),
            number(deadline.into()),
            number(CALLBACK_GAS as u128),
            number(1),
            input,
        ];
        let data = call("ask(uint256[],uint64,uint32)", &words);
        self.send(self.consumer, PAYMENT, data)
    }

    /// A proof for a request of the consumer.
    fn prove(&self, request: u64) -> Proven {
        let context = [Fr::from(request), field(address(self.consumer)), model()];
        Proven::with_context(context)
    }

    fn answer(&mut self, request: u64, proven: &Proven) -> Outcome {
        let public: Vec<[u8; 32]> = proven.public.iter().map(word).collect();
        let mut data = call(
            "answer(uint256,bytes,uint256[])",
            &[
                number(request.into()),
                number(0x60),
                number(0x80 + proven.proof.len() as u128),
                number(proven.proof.len() as u128),
            ],
        );
        data.extend(&proven.proof);
        data.extend(number(public.len() as u128));
        data.extend(public.concat());
        self.chain.transact(self.node, self.coordinator, 0, data).unwrap()
    }

    fn refund(&mut self, request: u64) -> Outcome {
        let data = call("refund(uint256)", &[number(request.into())]);
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

fn word(x: &Fr) -> [u8; 32] {
    use ff::PrimeField;
    let mut bytes = [0; 32];
    bytes.copy_from_slice(x.to_repr().as_ref());
    bytes.reverse();
    bytes
}

#[track_caller]
fn reverts(outcome: &Outcome, error: &str) {
    assert!(!outcome.success, "{outcome:?}");
    assert_eq!(outcome.output[..4], call(error, &[])[..4], "{outcome:?}");
}

/// The sample's input.
const INPUT: [u8; 32] = [0; 32];

#[test]
fn an_answer_is_delivered_once_and_paid() {
    let mut w = World::new();
    assert!(w.ask(INPUT, DEADLINE).success);
    let proven = w.prove(1);
    let outcome = w.answer(1, &proven);
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(w.chain.balance(w.node), PAYMENT);
    assert_eq!(w.answers(), number(1));
    assert_eq!(w.read(w.consumer, "answered()", &[]), number(1));
    // The first output is -7, at scale 2.
    let first = i128::from_be_bytes(
        w.read(w.consumer, "outputs(uint256)", &[number(0)])[16..]
            .try_into()
            .unwrap(),
    );
    assert_eq!(first, -7 * 250_000_000_000_000_000);
    println!("gas: {} for an answer", outcome.gas);
    // Not again, and not for another request.
    reverts(&w.answer(1, &proven), "UnknownRequest(uint256)");
    assert!(w.ask(INPUT, DEADLINE).success);
    reverts(&w.answer(2, &proven), "WrongContext(uint256)");
    assert_eq!(w.answers(), number(1));
    let own = w.prove(2);
    assert!(w.answer(2, &own).success);
    assert_eq!(w.chain.balance(w.node), 2 * PAYMENT);
}

#[test]
fn a_proof_answers_only_what_was_asked() {
    let mut w = World::new();
    let another = number(5);
    assert!(w.ask(another, DEADLINE).success);
    let proven = w.prove(1);
    // Another input than the one that was asked about.
    reverts(&w.answer(1, &proven), "WrongContext(uint256)");
    assert!(w.ask(INPUT, DEADLINE).success);
    let mut proven = w.prove(2);
    // The context of another request, with the proof of this one: the verifier sees it.
    let good = proven.public.clone();
    proven.public[8] = Fr::ONE;
    reverts(&w.answer(1, &proven), "WrongContext(uint256)");
    proven.public = good.clone();
    proven.proof[3] ^= 1;
    reverts(&w.answer(2, &proven), "InvalidProof(uint256)");
    proven.proof[3] ^= 1;
    proven.public[1] += Fr::ONE;
    reverts(&w.answer(2, &proven), "InvalidProof(uint256)");
    proven.public = good[5..].to_vec();
    assert!(!w.answer(2, &proven).success);
    proven.public = good;
    assert!(w.answer(2, &proven).success);
    reverts(&w.answer(3, &proven), "UnknownRequest(uint256)");
}

#[test]
fn requests_expire_and_are_refunded_once() {
    let mut w = World::new();
    reverts(&w.ask(INPUT, NOW - 1), "WrongDeadline(uint256)");
    reverts(&w.ask(INPUT, NOW + 40 * 86_400), "WrongDeadline(uint256)");
    assert!(w.ask(INPUT, DEADLINE).success);
    reverts(&w.refund(1), "RequestOpen(uint256,uint256)");
    w.chain.set_time(DEADLINE + 1);
    let proven = w.prove(1);
    reverts(&w.answer(1, &proven), "RequestExpired(uint256,uint256)");
    assert!(w.refund(1).success);
    assert_eq!(w.chain.balance(w.consumer), PAYMENT);
    reverts(&w.refund(1), "UnknownRequest(uint256)");
    reverts(&w.answer(1, &proven), "UnknownRequest(uint256)");
    assert_eq!(w.chain.balance(w.coordinator), 0);
}

#[test]
fn a_callback_that_misbehaves_harms_nobody_else() {
    for mood in [Mood::Reverts, Mood::Reenters, Mood::BurnsGas] {
        let mut w = World::new();
        w.mood(mood);
        assert!(w.ask(INPUT, DEADLINE).success);
        let proven = w.prove(1);
        let outcome = w.answer(1, &proven);
        assert!(outcome.success, "{outcome:?}");
        assert_eq!(w.chain.balance(w.node), PAYMENT);
        // The event says that the output was not taken.
        let (_, data) = outcome.events.last().expect("an event");
        assert_eq!(data[..32], number(0));
        assert_eq!(w.answers(), number(0));
        w.mood(Mood::Good);
        reverts(&w.answer(1, &proven), "UnknownRequest(uint256)");
        w.chain.set_time(DEADLINE + 1);
        reverts(&w.refund(1), "UnknownRequest(uint256)");
    }
}
