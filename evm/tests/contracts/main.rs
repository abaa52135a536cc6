//! The contracts, in an EVM, beside halo2's verifier.

mod batch;
mod circuit;
mod compile;
mod coordinator;
mod link;
mod linked;
mod pairing;
mod pinned;
mod precompiles;
mod proven;
mod prover;
mod reader;
mod registry;
mod weakened;
mod words;

use compile::{Source, artefact, publish};
use ff::PrimeField;
use halo2curves::bn256::Fr;
use proven::{KEY_ID, Proven};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml_evm::{Chain, Function, KeyContract, Reusable, Verifier, address_word, call, calldata};
use zkml_testing::mutation::{KINDS, mutations};

/// Mutations of each contract's calls in this test; acceptance runs do more.
const MUTATIONS: usize = 12 * KINDS;

/// A chain with both forms of verifier.
struct Deployed {
    chain: Chain,
    own: [u8; 20],
    reusable: [u8; 20],
    key: KeyContract,
}

/// Both forms of the sample's verifier.
fn deployed(verifier: &Verifier) -> Deployed {
    let mut chain = Chain::new();
    let form = verifier.reusable();
    let (own, _) = chain.deploy(&artefact(sample(form)).init, &[]).unwrap();
    let (reusable, _) = chain.deploy(&form.init_code(), &[]).unwrap();
    let key = chain.deploy_key(verifier).unwrap();
    Deployed {
        chain,
        own,
        reusable,
        key,
    }
}

/// The reusable verifier for one key, as consumers see it.
fn deploy_model(chain: &mut Chain, verifier: &Verifier) -> [u8; 20] {
    let (reusable, _) = chain.deploy(&verifier.reusable().init_code(), &[]).unwrap();
    let key = chain.deploy_key(verifier).unwrap();
    let [reusable, address] = [reusable, key.address].map(address_word);
    let words = [reusable, address, key.code_hash];
    let (model, _) = chain
        .deploy(&artefact("ZkmlModel").init, &words.concat())
        .unwrap();
    model
}

/// Name of the sample's own contract.
fn sample(form: Reusable) -> &'static str {
    match form {
        Reusable::Plain => "SampleVerifier",
        Reusable::Linked => "SampleLinkedVerifier",
    }
}

/// Proofs of both kinds.
fn both() -> [Proven; 2] {
    [Proven::new(), Proven::linked()]
}

#[test]
fn both_forms_accept_what_halo2_accepts() {
    both().iter().for_each(accepted);
}

fn accepted(proven: &Proven) {
    let mut d = deployed(&proven.verifier());
    assert!(proven.rust_accepts(&proven.proof, &proven.public));
    let from = Chain::account(1);
    let data = calldata(Function::Verify, None, &proven.proof, &proven.public);
    let own = d.chain.transact(from, d.own, 0, data).unwrap();
    assert!(own.is_true(), "{own:?}");
    let data = calldata(Function::Verify, Some(&d.key), &proven.proof, &proven.public);
    let reusable = d.chain.transact(from, d.reusable, 0, data).unwrap();
    assert!(reusable.is_true(), "{reusable:?}");
    println!("gas: {} own contract, {} reusable", own.gas, reusable.gas);
}

#[test]
fn both_forms_reject_what_halo2_rejects() {
    both().iter().for_each(rejected);
}

fn rejected(proven: &Proven) {
    let mut d = deployed(&proven.verifier());
    let layout = proven.verifier().proof_layout();
    for (address, key) in [(d.own, None), (d.reusable, Some(d.key))] {
        let rng = ChaCha20Rng::seed_from_u64(1);
        let all = mutations(key.as_ref(), &proven.proof, &proven.public, &layout, rng);
        for m in all.take(MUTATIONS) {
            let outcome = d.chain.call(address, m.calldata).unwrap();
            assert!(!outcome.is_true(), "{}", m.kind);
            // What Solidity cannot decode reverts without data.
            let refused = outcome.output.is_empty() || outcome.output == call("MalformedCalldata()", &[]);
            let rejected = outcome.success && outcome.output == [0; 32];
            assert!(
                rejected || (!outcome.success && refused),
                "{}: {outcome:?}",
                m.kind
            );
            // Whatever is wrong, there is an answer: false, or a revert, but never all gas gone.
            assert!(outcome.gas < 2_000_000, "{}: {} gas", m.kind, outcome.gas);
            let field = |word: &[u8; 32]| {
                let mut repr = *word;
                repr.reverse();
                Option::<Fr>::from(Fr::from_repr(repr))
            };
            let public: Option<Vec<Fr>> = m.public.iter().map(field).collect();
            let unchanged = m.proof == proven.proof && public.as_ref() == Some(&proven.public);
            let rust = public.is_some_and(|p| proven.rust_accepts(&m.proof, &p));
            assert_eq!(rust, unchanged, "{}", m.kind);
        }
    }
}

#[test]
fn outputs_are_decoded_as_fixed_point_numbers() {
    both().iter().for_each(decoded);
}

fn decoded(proven: &Proven) {
    let mut d = deployed(&proven.verifier());
    let mut decode = |proof: &[u8]| {
        let data = calldata(Function::VerifyAndDecode, None, proof, &proven.public);
        let own = d.chain.call(d.own, data).unwrap();
        let data = calldata(Function::VerifyAndDecode, Some(&d.key), proof, &proven.public);
        let reusable = d.chain.call(d.reusable, data).unwrap();
        assert_eq!(own.output, reusable.output);
        assert!(own.success && reusable.success);
        let words: Vec<i128> = own.output.chunks(32).map(low_half).collect();
        words
    };
    // Public inputs in reverse: 0, -7, -max, max, 5, 0, -4, 3. Scales 2 and -1.
    let unit = 1_000_000_000_000_000_000i128;
    let (max, quarter) = (i128::from(i64::MAX), unit / 4);
    let decoded = decode(&proven.proof);
    assert_eq!(decoded[..3], [1, 0x40, 4]);
    assert_eq!(decoded[3..], [-7 * quarter, -max * quarter, -8 * unit, 6 * unit]);
    let mut bad = proven.proof.clone();
    bad[5] ^= 1;
    assert_eq!(decode(&bad), [0, 0x40, 0]);
}

/// The low half of a word, as a signed number that fits it.
fn low_half(word: &[u8]) -> i128 {
    let mut half = [0; 16];
    half.copy_from_slice(&word[16..]);
    let value = i128::from_be_bytes(half);
    let sign = if value < 0 { 0xff } else { 0 };
    assert!(
        word[..16].iter().all(|b| *b == sign),
        "a number of more than 128 bits"
    );
    value
}

#[test]
fn contracts_name_their_model_and_refuse_other_keys() {
    both().iter().for_each(named);
}

fn named(proven: &Proven) {
    let mut d = deployed(&proven.verifier());
    let (to_own, to_reusable) = (d.own, d.reusable);
    let answer = |d: &mut Deployed, to, data| d.chain.call(to, data).unwrap();
    let mut context = [0; 32];
    context[31] = 4;
    for (name, id) in [("keyId", KEY_ID), ("contextLength", context)] {
        let own = answer(&mut d, to_own, call(&format!("{name}()"), &[]));
        assert_eq!(own.output, id);
        let word = address_word(d.key.address);
        let reusable = answer(&mut d, to_reusable, call(&format!("{name}(address)"), &[word]));
        assert_eq!(reusable.output, id);
    }
    // Another hash, another contract, an account without code.
    let mut wrong = vec![d.key, d.key, d.key];
    wrong[0].code_hash[0] ^= 1;
    wrong[1].address = d.own;
    wrong[2].address = Chain::account(77);
    for key in wrong {
        let data = calldata(Function::Verify, Some(&key), &proven.proof, &proven.public);
        let outcome = answer(&mut d, to_reusable, data);
        assert!(!outcome.success);
        assert_eq!(
            outcome.output[..4],
            call("WrongKey(address,bytes32,bytes32)", &[])
        );
    }
    // An account without code whose hash is named: there is nothing to be right about.
    let mut none = d.key;
    none.address = Chain::account(77);
    for code_hash in [[0; 32], empty_code_hash()] {
        none.code_hash = code_hash;
        let data = calldata(Function::Verify, Some(&none), &proven.proof, &proven.public);
        assert!(!answer(&mut d, to_reusable, data).success);
    }
}

fn empty_code_hash() -> [u8; 32] {
    use sha3::{Digest, Keccak256};
    Keccak256::digest([]).into()
}

#[test]
fn too_little_gas_is_no_verdict() {
    both().iter().for_each(no_verdict);
}

fn no_verdict(proven: &Proven) {
    let mut d = deployed(&proven.verifier());
    let data = calldata(Function::Verify, Some(&d.key), &proven.proof, &proven.public);
    let used = d.chain.call(d.reusable, data.clone()).unwrap().gas;
    // Below the cost of the calldata a transaction is not valid at all.
    for gas in (150_000..used + 20_000).step_by(4_001) {
        let outcome = d.chain.call_with_gas(d.reusable, data.clone(), gas).unwrap();
        assert!(outcome.is_true() || !outcome.success, "{gas}: {outcome:?}");
    }
}

#[test]
fn malformed_calldata_has_its_error() {
    both().iter().for_each(malformed);
}

fn malformed(proven: &Proven) {
    let mut d = deployed(&proven.verifier());
    let good = calldata(Function::Verify, None, &proven.proof, &proven.public);
    let longer = [&good[..], &[0]].concat();
    let fewer = calldata(Function::Verify, None, &proven.proof, &proven.public[1..]);
    let shorter = calldata(Function::Verify, None, &proven.proof[32..], &proven.public);
    for data in [longer, fewer, shorter] {
        let outcome = d.chain.call(d.own, data).unwrap();
        assert!(!outcome.success);
        assert_eq!(outcome.output, call("MalformedCalldata()", &[]));
    }
}

/// Both forms of contract for a verifier.
fn forms(verifier: &Verifier) -> [Source; 2] {
    let form = verifier.reusable();
    let name = sample(form);
    [
        Source::generated(form.name(), form.source()),
        Source::generated(name, verifier.contract_source(name).unwrap()),
    ]
}

/// All contracts whose code is committed.
fn sources(verifiers: &[Verifier]) -> Vec<Source> {
    let mut all: Vec<Source> = verifiers.iter().flat_map(forms).collect();
    all.extend([
        Source::committed("ZkmlModel", &["src/IZkmlVerifier.sol", "src/ZkmlModel.sol"]),
        Source::committed("InferenceCoordinator", &COORDINATOR),
        Source::committed(
            "SampleConsumer",
            &[&COORDINATOR[..], &["test/SampleConsumer.sol"]].concat(),
        ),
        Source::committed("AnswerRegistry", &REGISTRY),
    ]);
    all
}

/// Sources of the coordinator.
const COORDINATOR: [&str; 4] = [
    "src/IZkmlVerifier.sol",
    "src/PinnedKey.sol",
    "src/IInferenceConsumer.sol",
    "src/InferenceCoordinator.sol",
];

/// Sources of the registry.
const REGISTRY: [&str; 3] = [
    "src/IZkmlVerifier.sol",
    "src/PinnedKey.sol",
    "src/AnswerRegistry.sol",
];

#[test]
fn committed_contracts_are_what_the_sources_give() {
    let proofs = both();
    let verifiers = proofs.each_ref().map(Proven::verifier);
    let sources = sources(&verifiers);
    if std::env::var_os("ZKML_UPDATE").is_some() {
        Reusable::ALL
            .iter()
            .for_each(|form| publish(form.name(), &form.source()));
        sources.iter().for_each(Source::update);
    }
    for source in &sources {
        let committed = artefact(source.name);
        assert_eq!(
            committed.source_hash,
            source.hash(),
            "the source of {} changed; with node: ZKML_UPDATE=1 cargo test -p zkml-evm --features run",
            source.name
        );
        assert!(committed.runtime.len() <= zkml_evm::CODE_LIMIT);
    }
    // The reusable verifiers are there to be read, too.
    for form in Reusable::ALL {
        let file = format!("src/{}.sol", form.name());
        let committed = Source::committed(form.name(), &[&file]);
        assert_eq!(committed.files[0].1, form.source());
    }

    // A key contract deploys the same code from its source as from its bytes.
    for (proven, verifier) in proofs.iter().zip(&verifiers) {
        let key = Source::generated("SampleKey", verifier.key_source("SampleKey").unwrap());
        let Some(key) = key.compile(&[]) else {
            println!("no node: the committed contracts were not compiled again");
            return;
        };
        let mut chain = Chain::new();
        let (address, _) = chain.deploy(&key.init, &[]).unwrap();
        let (reusable, _) = chain.deploy(&verifier.reusable().init_code(), &[]).unwrap();
        let key = KeyContract {
            address,
            code_hash: verifier.key_code_hash().unwrap(),
        };
        let data = calldata(Function::Verify, Some(&key), &proven.proof, &proven.public);
        assert!(chain.call(reusable, data).unwrap().is_true());
    }
    for source in &sources {
        let compiled = source.compile(&[]).expect("node was there a moment ago");
        assert_eq!(compiled.init, artefact(source.name).init, "{}", source.name);
    }
}

/// Via IR, the compiler has too many variables for the stack in a model's own contract, and keeps them in memory.
#[test]
fn a_contract_whose_memory_is_taken_refuses() {
    both().iter().for_each(refused);
}

fn refused(proven: &Proven) {
    let verifier = proven.verifier();
    let mut d = deployed(&verifier);
    let [reusable, own] = forms(&verifier);
    let text = own.files[0].1.clone();
    let taken = "        uint256[] memory taken = new uint256[](1);\n        taken[0] = 1;\n        _load(";
    let variants = [
        (&["--via-ir"][..], reusable.files[0].1.clone(), Some(d.key), false),
        (&["--via-ir"], text.clone(), None, true),
        (&[], text.replace("        _load(", taken), None, true),
    ];
    for (options, text, key, refused) in variants {
        let name = if key.is_some() { reusable.name } else { own.name };
        let Some(compiled) = Source::generated(name, text).compile(options) else {
            println!("no node: nothing was compiled");
            return;
        };
        let (to, _) = d.chain.deploy(&compiled.init, &[]).unwrap();
        let mut changed = proven.public.clone();
        changed[3] += Fr::from(1);
        for public in [&proven.public, &changed] {
            let data = calldata(Function::VerifyAndDecode, key.as_ref(), &proven.proof, public);
            let outcome = d.chain.call(to, data.clone()).unwrap();
            if refused {
                assert!(!outcome.success);
                assert_eq!(outcome.output, call("MemoryTaken()", &[]));
            } else {
                assert_eq!(outcome.output, d.chain.call(d.reusable, data).unwrap().output);
                assert_eq!(outcome.is_true(), public == &proven.public);
            }
        }
    }
}
