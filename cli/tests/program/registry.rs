//! An answer on a chain: asked for through the program, taken by a registry.

use crate::folder::Folder;
use crate::network::{Served, published};
use serde_json::Value;
use std::path::Path;
use zkml::commitments::PinnedModel;
use zkml::{Element, Proof, VerifyingKey};
use zkml_evm::{Chain, KeyContract, Outcome, Verifier, address_word, call, proof_call};
use zkml_network::{SignedManifest, unix_now};

/// Code that deploys a contract of the repository.
fn init_code(name: &str) -> Vec<u8> {
    let file = format!("../evm/artifacts/{name}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    hex::decode(json["init"].as_str().unwrap()).unwrap()
}

/// A chain with the verifier of a folder's model, and two registries.
fn deployed(folder: &Folder) -> (Chain, [[u8; 20]; 2]) {
    let key = VerifyingKey::load(&folder.path("model.vk")).unwrap();
    let manifest = SignedManifest::load(&folder.path("model.manifest.json")).unwrap();
    let commitment = manifest.body().commitment().unwrap().unwrap();
    let pinned = PinnedModel::with_manifest(commitment.clone(), *manifest.digest());
    let verifier: Verifier = key.contract_for(&pinned).unwrap();

    let mut chain = Chain::new();
    chain.set_time(unix_now());
    let KeyContract { address, code_hash } = chain.deploy_key(&verifier).unwrap();
    let mut deploy = |code: &[u8], words: &[[u8; 32]]| chain.deploy(code, &words.concat()).unwrap().0;
    let reusable = deploy(&verifier.reusable().init_code(), &[]);
    let model = deploy(
        &init_code("ZkmlModel"),
        &[address_word(reusable), address_word(address), code_hash],
    );
    let words = [
        address_word(model),
        *key.digest().as_bytes(),
        *manifest.digest().as_bytes(),
    ];
    let registries = [(); 2].map(|()| deploy(&init_code("AnswerRegistry"), &words));
    (chain, registries)
}

fn accept(chain: &mut Chain, registry: [u8; 20], from: [u8; 20], proof: &Proof) -> Outcome {
    // The first two values of the context are the halves of the request's id.
    let values = proof.public_values();
    let context = &values[values.len() - 8..];
    let half = |i: usize| Element::from(context[i]).to_be_bytes();
    let mut request = [0; 32];
    request[..16].copy_from_slice(&half(0)[16..]);
    request[16..].copy_from_slice(&half(1)[16..]);
    let signature = "accept(bytes32,bytes,uint256[])";
    let data = proof_call(signature, &[request], proof.bytes(), values);
    chain.transact(from, registry, 0, data).unwrap()
}

#[track_caller]
fn refused(outcome: &Outcome, error: &str) {
    assert!(!outcome.success, "{error}");
    assert_eq!(outcome.output[..4], call(error, &[]), "{error}");
}

#[test]
fn an_answer_is_taken_by_the_registry_that_it_was_asked_for() {
    let folder = published();
    let served = Served::new(&folder);
    let (mut chain, [registry, other]) = deployed(&folder);
    let (account, stranger) = (Chain::account(1), Chain::account(2));
    let [from, to] = [account, registry].map(|address| format!("0x{}", hex::encode(address)));
    let id = Chain::ID.to_string();
    let ask = |more: &[&str]| {
        let base = ["ask", &served.url, "--model", &served.digest, "--input"];
        folder.run(&[&base[..], &["input.json"], more].concat()).expect(0);
        Proof::load(&folder.path("answer.zkproof")).unwrap()
    };
    let evm = ["--evm-address", &from, "--chain", &id, "--registry", &to];
    let proof = ask(&evm);
    let wrong = "WrongDestination(uint256)";
    refused(&accept(&mut chain, other, account, &proof), wrong);
    chain.set_id(5);
    refused(&accept(&mut chain, registry, account, &proof), wrong);
    chain.set_id(Chain::ID);
    let outcome = accept(&mut chain, registry, stranger, &proof);
    refused(&outcome, "WrongRequester(bytes32)");
    assert!(accept(&mut chain, registry, account, &proof).success);
    let outcome = accept(&mut chain, registry, account, &proof);
    refused(&outcome, "AlreadyAnswered(bytes32)");
    // An answer for no chain is one for no registry.
    std::fs::remove_file(folder.path("answer.zkproof")).unwrap();
    let outcome = accept(&mut chain, registry, account, &ask(&[]));
    refused(&outcome, "WrongRequester(bytes32)");
}
