//! Committed parameters in a contract: it accepts the proofs that are linked to its commitment, and nothing else
//! that a prover brings. Contract and verifier in Rust agree.

use crate::{link_places, with_bytes};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::ops::Range;
use std::sync::Arc;
use zkml::advanced::CircuitOptions;
use zkml::commitments::{ModelCommitment, ModelSecret, PinnedModel};
use zkml::evm::{Chain, Function, KeyContract, Verifier};
use zkml::{CompiledModel, Digest, Error, Optimize, ParamVisibility, Proof, Visibility};
use zkml_testing::model::{Setup, graph, model, none};
use zkml_testing::mutation::{KINDS, Mutation, mutations};

/// Bytes of a point in a proof for contracts.
const POINT: usize = 64;
/// Changed calls; acceptance runs do more.
const MUTATIONS: usize = 4 * KINDS;

/// A key for contracts, and a commitment under a manifest's digest.
struct Linked {
    setup: Setup,
    secret: ModelSecret,
    commitment: ModelCommitment,
    manifest: Digest,
}

impl Linked {
    /// With columns of their own for each lane, or with shared ones.
    fn new(optimize: Optimize) -> Self {
        let (graph, params) = graph();
        let options = model(
            Visibility::Private,
            Visibility::Public,
            ParamVisibility::Committed,
        );
        let options = CircuitOptions {
            optimize,
            ..*options.options()
        };
        let model = CompiledModel::from_graph(graph, params, options).unwrap();
        let setup = Setup::for_contracts(model);
        let secret = ModelSecret::random();
        let commitment = setup.commit(&secret);
        Self {
            manifest: Digest::from([0xd1; 32]),
            setup,
            secret,
            commitment,
        }
    }

    fn pinned(&self) -> PinnedModel {
        PinnedModel::with_manifest(self.commitment.clone(), self.manifest)
    }

    fn prove(&self) -> Proof {
        self.setup.prove_linked(&self.pinned(), &self.secret).unwrap()
    }

    /// What contract and verifier in Rust say of a proof that claims to be linked to this; they agree.
    fn accepted(&self, proof: &Proof, pinned: &PinnedModel) -> bool {
        let key = &self.setup.verifying_key;
        let rust = match self.setup.verify_linked(proof, pinned) {
            Ok(_) => true,
            Err(error) => {
                assert!(error.is_invalid_proof(), "{error}");
                false
            }
        };
        let contract = Deployed::new(&key.contract_for(pinned).unwrap()).asks(proof);
        assert_eq!(contract, rust);
        rust
    }
}

/// The reusable verifier with a key.
struct Deployed {
    chain: Chain,
    to: [u8; 20],
    key: KeyContract,
}

impl Deployed {
    fn new(verifier: &Verifier) -> Self {
        let mut chain = Chain::new();
        let (to, _) = chain.deploy(&verifier.reusable().init_code(), &[]).unwrap();
        let key = chain.deploy_key(verifier).unwrap();
        Self { chain, to, key }
    }

    fn asks(&mut self, proof: &Proof) -> bool {
        let data = proof.calldata(Function::Verify, Some(&self.key)).unwrap();
        self.chain.call(self.to, data).unwrap().is_true()
    }
}

#[test]
fn a_contract_accepts_linked_proofs() {
    for optimize in [Optimize::Prover, Optimize::Evm] {
        let linked = Linked::new(optimize);
        let key = &linked.setup.verifying_key;
        assert!(matches!(key.contract(), Err(Error::ContractNeedsCommitment)));
        for _ in 0..2 {
            assert!(linked.accepted(&linked.prove(), &linked.pinned()));
        }
        let own = PinnedModel::new(linked.commitment.clone());
        let proof = linked.setup.prove_linked(&own, &linked.secret).unwrap();
        assert!(linked.accepted(&proof, &own));
        // One key contract for each commitment and manifest.
        let hash = |pinned: &PinnedModel| key.contract_for(pinned).unwrap().key_code_hash().unwrap();
        assert_ne!(hash(&own), hash(&linked.pinned()));
    }
}

#[test]
fn a_contract_is_for_a_commitment_of_its_key() {
    let linked = Linked::new(Optimize::Evm);
    let other = Linked::new(Optimize::Evm);
    let refused = linked.setup.verifying_key.contract_for(&other.pinned());
    assert!(matches!(refused, Err(Error::WrongCommitment { .. })));
    let plain = Setup::new(zkml_testing::model::default_model());
    let refused = plain.verifying_key.contract_for(&linked.pinned());
    assert!(matches!(refused, Err(Error::NothingCommitted)));
    // Proofs with the other transcript are for no contract.
    let blake2b = Setup::new(model(
        Visibility::Private,
        Visibility::Public,
        ParamVisibility::Committed,
    ));
    let commitment = blake2b.commit(&linked.secret);
    let refused = blake2b
        .verifying_key
        .contract_for(&PinnedModel::new(commitment.clone()));
    assert!(matches!(refused, Err(Error::NotForContracts { .. })));
}

#[test]
fn proofs_of_other_parameters_and_for_other_manifests_are_rejected() {
    let linked = Linked::new(Optimize::Evm);
    let proof = linked.prove();
    assert!(linked.accepted(&proof, &linked.pinned()));
    let setup = &linked.setup;

    // Another manifest, and none.
    let other = Digest::from([0xd2; 32]);
    let pinned = PinnedModel::with_manifest(linked.commitment.clone(), other);
    assert!(!linked.accepted(&proof, &pinned));
    assert!(!linked.accepted(&proof, &PinnedModel::new(linked.commitment.clone())));

    // Other parameters, with a good link to a commitment to them.
    let (graph, mut params) = graph();
    params.tensors[0][2] += 1;
    let stranger = Arc::new(CompiledModel::from_graph(graph, params, *setup.model.options()).unwrap());
    let secret = ModelSecret::random();
    let theirs = setup
        .proving_key
        .commit_model(&stranger, &setup.srs, &secret, &none())
        .unwrap();
    let pinned = PinnedModel::with_manifest(theirs.clone(), linked.manifest);
    let foreign = setup.prove_as(&stranger, &pinned, &secret).unwrap();
    assert!(linked.accepted(&foreign, &pinned));
    assert!(!linked.accepted(&foreign, &linked.pinned()));
    assert!(!linked.accepted(&proof, &pinned));
    // The same parameters behind another secret.
    let blinded = setup.commit(&ModelSecret::random());
    let pinned = PinnedModel::with_manifest(blinded.clone(), linked.manifest);
    assert!(!linked.accepted(&proof, &pinned));
}

#[test]
fn links_that_are_moved_cut_or_changed_are_rejected() {
    let linked = Linked::new(Optimize::Evm);
    let (proof, second) = (linked.prove(), linked.prove());
    let (bytes, others) = (proof.bytes(), second.bytes());
    let places = link_places(&linked.setup, POINT);
    let [point, scalar] = places.clone();
    let rejected = |bytes: &[u8], what: &str| {
        assert!(
            !linked.accepted(&with_bytes(&proof, bytes), &linked.pinned()),
            "{what}"
        );
    };
    // The link of another proof of the same run, and parts of it.
    let replaced = |places: &[Range<usize>], by: &[u8]| {
        let mut changed = bytes.to_vec();
        for place in places {
            changed[place.clone()].copy_from_slice(&by[place.clone()]);
        }
        changed
    };
    rejected(&replaced(&places, others), "a replayed link");
    for place in &places {
        rejected(
            &replaced(std::slice::from_ref(place), others),
            "half a replayed link",
        );
        let twice = [&bytes[..place.end], &bytes[place.start..]].concat();
        rejected(&twice, "a part twice");
        let without = [&bytes[..place.start], &bytes[place.end..]].concat();
        rejected(&without, "a part less");
    }
    rejected(&replaced(&places, &vec![0; bytes.len()]), "zeros");
    for len in [
        0,
        point.start,
        point.end,
        scalar.start,
        scalar.end,
        bytes.len() - 1,
    ] {
        rejected(&bytes[..len], "a proof that is cut");
    }
    rejected(&[bytes, &[0; 32]].concat(), "a proof that goes on");

    let pinned = linked.pinned();
    let key = &linked.setup.verifying_key;
    let mut contract = Deployed::new(&key.contract_for(&pinned).unwrap());
    for at in point.chain(scalar).chain(bytes.len() - 2 * POINT..bytes.len()) {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 8);
        let changed = with_bytes(&proof, &changed);
        assert!(!contract.asks(&changed), "byte {at}");
        let error = linked.setup.verify_linked(&changed, &pinned).unwrap_err();
        assert!(error.is_invalid_proof(), "byte {at}: {error}");
    }
    assert!(contract.asks(&proof));
}

#[test]
fn changed_calls_are_rejected() {
    let linked = Linked::new(Optimize::Evm);
    let (proof, pinned) = (linked.prove(), linked.pinned());
    let key = &linked.setup.verifying_key;
    let verifier = key.contract_for(&pinned).unwrap();
    let mut contract = Deployed::new(&verifier);
    let (layout, rng) = (verifier.proof_layout(), ChaCha20Rng::seed_from_u64(3));
    let address = contract.key;
    let all = mutations(Some(&address), proof.bytes(), proof.public_values(), &layout, rng);
    for Mutation {
        kind,
        proof: bytes,
        public,
        calldata,
    } in all.take(MUTATIONS)
    {
        let outcome = contract.chain.call(contract.to, calldata).unwrap();
        assert!(!outcome.is_true(), "{kind}");
        let mut json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
        let hex = |word: &[u8; 32]| format!("0x{}", hex::encode(word));
        json["public_values"] = public.iter().map(hex).collect();
        json["proof"] = hex::encode(&bytes).into();
        // Where only the encoding of the call was changed, there is nothing that Rust could reject.
        let changed = Proof::from_json(&json.to_string()).ok().filter(|p| *p != proof);
        let rust = changed.is_some_and(|p| linked.setup.verify_linked(&p, &pinned).is_ok());
        assert!(!rust, "{kind}");
    }
}
