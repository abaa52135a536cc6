//! Links to a model commitment: what a contract pins, and cheats that it must reject.

use crate::circuit::marked_row;
use crate::link::Part;
use crate::proven::Proven;
use crate::prover::Plan;
use crate::{Deployed, address_word, deploy_model, deployed};
use ff::Field;
use halo2curves::bn256::{Fq, Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::ops::Range;
use zkml_evm::{Chain, Error, Function, Reusable, Verifier, call, calldata};
use zkml_verifier::ModelLink;

/// What both forms say of a proof; they agree.
fn ask(d: &mut Deployed, proof: &[u8], public: &[Fr]) -> bool {
    let own = calldata(Function::Verify, None, proof, public);
    let own = d.chain.call(d.own, own).unwrap();
    let reusable = calldata(Function::Verify, Some(&d.key), proof, public);
    let reusable = d.chain.call(d.reusable, reusable).unwrap();
    assert_eq!(own.success, reusable.success);
    assert_eq!(own.output, reusable.output);
    own.is_true()
}

/// What the reusable verifier says of a proof with another key.
pub fn ask_with(verifier: &Verifier, proof: &[u8], public: &[Fr]) -> bool {
    let mut chain = Chain::new();
    let (to, _) = chain.deploy(&verifier.reusable().init_code(), &[]).unwrap();
    let key = chain.deploy_key(verifier).unwrap();
    let data = calldata(Function::Verify, Some(&key), proof, public);
    let outcome = chain.call(to, data).unwrap();
    assert!(outcome.success, "{outcome:?}");
    outcome.is_true()
}

/// A link to a change of the commitment that the proof is linked to.
fn changed(proven: &Proven, change: impl FnOnce(&mut ModelLink)) -> ModelLink {
    let mut link = proven.commitment.as_ref().unwrap().link.clone();
    change(&mut link);
    link
}

#[test]
fn a_contract_pins_commitment_and_manifest() {
    let proven = Proven::linked();
    let other = Proven::new();
    let elsewhere = proven.commitment_to(|columns| {
        let cells = columns.iter_mut().map(|column| &mut column[marked_row(0)]);
        cells.for_each(|cell| *cell += Fr::ONE);
    });
    let elsewhere = elsewhere.link.published;
    let same = changed(&proven, |_| ());
    assert!(ask_with(
        &proven.verifier_with(Some(same)).unwrap(),
        &proven.proof,
        &proven.public
    ));
    type Change<'a> = (&'a str, Box<dyn FnOnce(&mut ModelLink) + 'a>);
    let changes: Vec<Change<'_>> = vec![
        ("other columns", Box::new(|l| l.published = elsewhere.clone())),
        ("one other column", Box::new(|l| l.published[1] = elsewhere[1])),
        ("swapped columns", Box::new(|l| l.published.swap(0, 1))),
        ("one column twice", Box::new(|l| l.published[1] = l.published[0])),
        ("a negated column", Box::new(|l| l.published[0] = -l.published[0])),
        ("another manifest", Box::new(|l| l.manifest[31] ^= 1)),
        (
            "halves swapped",
            Box::new(|l| {
                l.manifest[0] ^= 1;
                l.manifest.rotate_left(16);
            }),
        ),
        ("another tag", Box::new(|l| l.tag += Fr::ONE)),
        ("other columns of the proof", Box::new(|l| l.columns = 0..2)),
    ];
    for (what, change) in changes {
        let link = changed(&proven, change);
        let verifier = proven.verifier_with(Some(link)).unwrap();
        assert!(!ask_with(&verifier, &proven.proof, &proven.public), "{what}");
    }
    // A proof without a link is none for the linked key, and a linked one none for the key without.
    let mut d = deployed(&proven.verifier());
    assert!(!ask(&mut d, &other.proof, &other.public));
    let mut d = deployed(&other.verifier());
    assert!(!ask(&mut d, &proven.proof, &proven.public));
}

#[test]
fn contracts_tell_the_manifest() {
    let proven = Proven::linked();
    let mut d = deployed(&proven.verifier());
    let word = address_word(d.key.address);
    let expected = proven.commitment.as_ref().unwrap().link.manifest;
    let own = d.chain.call(d.own, call("manifest()", &[])).unwrap();
    let reusable = d
        .chain
        .call(d.reusable, call("manifest(address)", &[word]))
        .unwrap();
    assert_eq!(own.output, expected);
    assert_eq!(reusable.output, expected);
    // As consumers see it; without committed weights there is none.
    let model = deploy_model(&mut d.chain, &proven.verifier());
    let outcome = d.chain.call(model, call("manifest()", &[])).unwrap();
    assert_eq!(outcome.output, expected);
    let plain = deploy_model(&mut d.chain, &Proven::new().verifier());
    assert!(!d.chain.call(plain, call("manifest()", &[])).unwrap().success);
}

#[test]
fn a_link_is_all_there_and_each_byte_of_its_proof_counts() {
    let proven = Proven::linked();
    let mut d = deployed(&proven.verifier());
    assert!(ask(&mut d, &proven.proof, &proven.public));
    let mut rng = ChaCha20Rng::seed_from_u64(29);
    for at in 0..proven.proof.len() {
        let mut proof = proven.proof.clone();
        proof[at] ^= 1 + (rng.next_u32() % 255) as u8;
        assert!(!ask(&mut d, &proof, &proven.public), "byte {at}");
        assert!(!proven.rust_accepts(&proof, &proven.public), "byte {at}");
    }
    for len in (0..proven.proof.len()).step_by(32) {
        let proof = &proven.proof[..len];
        assert!(!ask(&mut d, proof, &proven.public), "{len} bytes");
        assert!(!proven.rust_accepts(proof, &proven.public), "{len} bytes");
        // As long as it should be, without its end.
        let mut proof = proof.to_vec();
        proof.resize(proven.proof.len(), 0);
        assert!(!ask(&mut d, &proof, &proven.public), "{len} bytes and zeros");
    }
}

/// Where a proof has what its link is in: the first of the quotient's three pieces, before the two points of the openings,
/// and `v`, the first scalar.
fn parts(verifier: &Verifier) -> [Range<usize>; 2] {
    let layout = verifier.proof_layout();
    let quotient = layout.points[layout.points.len() - 5];
    let value = layout.scalars[0];
    [quotient..quotient + 64, value..value + 32]
}

/// Each link is part of one proof.
#[test]
fn a_link_of_another_proof_is_rejected() {
    let [proven, second] = [Proven::linked(), Proven::linked_with(&[Fr::from(5); 4])];
    let verifier = proven.verifier();
    let mut d = deployed(&verifier);
    assert!(ask(&mut d, &proven.proof, &proven.public));
    assert!(ask(&mut d, &second.proof, &second.public));
    let [quotient, value] = parts(&verifier);
    let openings = proven.proof.len() - 128..proven.proof.len();
    let moved: [&[Range<usize>]; 5] = [
        std::slice::from_ref(&quotient),
        std::slice::from_ref(&value),
        &[quotient.clone(), value.clone()],
        &[value.clone(), openings.clone()],
        &[quotient.clone(), value.clone(), openings],
    ];
    for parts in moved {
        let mut proof = proven.proof.clone();
        for part in parts {
            proof[part.clone()].copy_from_slice(&second.proof[part.clone()]);
        }
        assert!(!ask(&mut d, &proof, &proven.public), "{parts:?}");
        assert!(!proven.rust_accepts(&proof, &proven.public), "{parts:?}");
    }
    assert!(!ask(&mut d, &proven.proof, &second.public));
}

/// The two reusable verifiers do not read each other's keys.
#[test]
fn keys_are_for_one_verifier() {
    let (plain, linked) = (Proven::new(), Proven::linked());
    let mut chain = Chain::new();
    let [to_plain, to_linked] = Reusable::ALL.map(|form| chain.deploy(&form.init_code(), &[]).unwrap().0);
    let mut key = |verifier: &Verifier| chain.deploy_key(verifier).unwrap();
    let (plain_key, linked_key) = (key(&plain.verifier()), key(&linked.verifier()));
    let [_, value] = parts(&linked.verifier());
    let mut cut = linked.proof.clone();
    cut.drain(value);
    let unbound = Plan {
        without: Some(Part::All),
        ..Plan::default()
    };
    let (unbound, _) = linked.link_to(linked.commitment.as_ref().unwrap(), unbound);
    for proven in [&plain, &linked] {
        let data = calldata(Function::Verify, Some(&plain_key), &proven.proof, &proven.public);
        let outcome = chain.call(to_linked, data).unwrap();
        assert!(!outcome.success);
        assert_eq!(outcome.output[..4], call("NoCommitment(address)", &[]));
        // The plain verifier absorbs nothing of what links are about, and takes no proof with a key for them.
        for proof in [&proven.proof, &cut, &unbound] {
            let data = calldata(Function::Verify, Some(&linked_key), proof, &proven.public);
            assert!(!chain.call(to_plain, data).unwrap().is_true());
        }
    }
}

#[test]
fn commitments_that_are_none_make_no_contract() {
    let proven = Proven::linked();
    let refused = |what: &str, change: fn(&mut ModelLink)| {
        let error = proven.verifier_with(Some(changed(&proven, change))).unwrap_err();
        assert!(matches!(error, Error::Circuit(_)), "{what}: {error}");
    };
    refused("off the curve", |l| l.published[0].y += Fq::ONE);
    refused("at infinity", |l| l.published[1] = G1Affine::default());
    refused("one point less", |l| l.published.truncate(1));
    refused("one point more", |l| l.published.push(G1Affine::generator()));
    refused("no columns", |l| {
        l.published.clear();
        l.columns = 1..1;
    });
    refused("columns of the second phase", |l| l.columns = 2..4);
    refused("marks that are no column", |l| l.marks = 3);
    refused("marks that a gate reads", |l| l.marks = 1);
}
