//! What the coordinator and the registry ask of a verifier when they are deployed.

use crate::compile::{Source, artefact};
use crate::proven::{KEY_ID, Proven};
use crate::{COORDINATOR, address_word, deploy_model};
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_evm::{COORDINATOR_CONTEXT, Chain, Verifier, call};

const ZERO: [u8; 32] = [0; 32];

/// Values that a proof for the registry is bound to.
const REQUEST_CONTEXT: usize = 8;

/// A contract that pins a key.
#[derive(Clone, Copy)]
struct Consumer {
    name: &'static str,
    /// Length of the context that it reads.
    context: usize,
    /// Arguments of its constructor after verifier and key.
    more: &'static [[u8; 32]],
}

const CONSUMERS: [Consumer; 2] = [
    Consumer {
        name: "InferenceCoordinator",
        context: COORDINATOR_CONTEXT,
        more: &[ZERO, ZERO],
    },
    Consumer {
        name: "AnswerRegistry",
        context: REQUEST_CONTEXT,
        more: &[ZERO],
    },
];

/// A verifier whose proofs are bound to so many numbers.
fn verifier(context: usize) -> Verifier {
    Proven::with_context(&vec![Fr::ZERO; context]).verifier()
}

/// Deploys a consumer on the model's verifier for a key; what it says if it refuses.
fn deploy(code: &[u8], verifier: &Verifier, key: [u8; 32], more: &[[u8; 32]]) -> Result<(), String> {
    let mut chain = Chain::new();
    let model = deploy_model(&mut chain, verifier);
    let words = [&[address_word(model), key], more].concat();
    let deployed = chain.deploy(code, &words.concat());
    deployed.map(|_| ()).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(result: Result<(), String>, error: &str) {
    let found = result.expect_err(error);
    let selector = hex::encode(&call(error, &[])[..4]);
    assert!(found.contains(&selector), "{error}: {found}");
}

#[test]
fn a_key_with_another_context_is_refused() {
    for consumer in CONSUMERS {
        let code = artefact(consumer.name).init;
        for context in [1, 3, 4, 7, 8, 9] {
            let result = deploy(&code, &verifier(context), KEY_ID, consumer.more);
            match context == consumer.context {
                true => result.unwrap(),
                false => refused(result, "WrongContextLength(uint256,uint256)"),
            }
        }
    }
}

/// The deployer says which key is meant.
#[test]
fn a_verifier_of_another_key_is_refused() {
    for consumer in CONSUMERS {
        let code = artefact(consumer.name).init;
        let verifier = verifier(consumer.context);
        for byte in [0, 31] {
            let mut key = KEY_ID;
            key[byte] ^= 1;
            let result = deploy(&code, &verifier, key, consumer.more);
            refused(result, "UnexpectedKey(bytes32,bytes32)");
        }
    }
}

/// The check is what stops it.
#[test]
fn without_the_check_a_verifier_of_another_key_is_taken() {
    let weak = Source::committed("InferenceCoordinator", &COORDINATOR)
        .replaced("found != key", "false")
        .compile(&[]);
    let Some(weak) = weak else {
        println!("no node: nothing was compiled");
        return;
    };
    let verifier = verifier(COORDINATOR_CONTEXT);
    deploy(&weak.init, &verifier, [1; 32], &[ZERO, ZERO]).unwrap();
}

/// Models with committed weights can share a key: the manifest under which proofs are linked must be that of the
/// registry.
#[test]
fn a_verifier_of_another_manifest_is_refused() {
    let proven = Proven::linked_with(&[Fr::ZERO; REQUEST_CONTEXT]);
    let code = artefact("AnswerRegistry").init;
    let manifest = proven.commitment.as_ref().unwrap().link.manifest;
    deploy(&code, &proven.verifier(), KEY_ID, &[manifest]).unwrap();
    let mut other = manifest;
    other[31] ^= 1;
    let result = deploy(&code, &proven.verifier(), KEY_ID, &[other]);
    refused(result, "WrongModel(bytes32)");
}
