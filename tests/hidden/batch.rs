//! Many proofs verified at once.

use crate::with_bytes;
use halo2curves::bn256::{G1, G1Affine};
use halo2curves::group::GroupEncoding;
use zkml::commitments::{ModelSecret, PinnedModel};
use zkml::{ParamVisibility, Proof, ProveOptions, Visibility};
use zkml_testing::model::{Setup, input, model};

fn setup(params: ParamVisibility) -> Setup {
    Setup::new(model(Visibility::Private, Visibility::Public, params))
}

fn inputs(count: u8) -> impl Iterator<Item = [f32; 2]> {
    (0..count).map(|i| [f32::from(i) / 4.0, -0.5])
}

#[test]
fn a_batch_says_what_single_verifications_say() {
    let setup = setup(ParamVisibility::Private);
    let options = ProveOptions::default();
    let prove = |values| setup.prove(values, &options).unwrap().proof;
    let mut proofs: Vec<Proof> = inputs(5).map(prove).collect();
    let key = setup.verifier().unwrap();
    for (claim, proof) in key.verify_batch(&proofs).into_iter().zip(&proofs) {
        assert_eq!(claim.unwrap(), key.verify(proof).unwrap());
    }
    assert!(key.verify_batch(&[]).is_empty());
    assert_eq!(key.verify_batch(&proofs[..1]).len(), 1);

    // The public values of one proof under another, so that only the pairing tells.
    let mut json: serde_json::Value = serde_json::from_str(&proofs[3].to_json().unwrap()).unwrap();
    let other: serde_json::Value = serde_json::from_str(&proofs[0].to_json().unwrap()).unwrap();
    json["public_values"] = other["public_values"].clone();
    proofs[3] = Proof::from_json(&json.to_string()).unwrap();
    for (at, claim) in key.verify_batch(&proofs).into_iter().enumerate() {
        match claim {
            Ok(_) => assert_ne!(at, 3),
            Err(error) => assert!(at == 3 && error.is_invalid_proof(), "{at}: {error}"),
        }
    }
}

#[test]
fn a_link_to_another_commitment_is_found_in_a_batch() {
    let setup = setup(ParamVisibility::Committed);
    let (secret, others) = (ModelSecret::random(), ModelSecret::random());
    let (own, foreign) = (setup.commit(&secret), setup.commit(&others));
    let (pinned, strange) = (PinnedModel::new(own.clone()), PinnedModel::new(foreign.clone()));
    let builder = setup.builder(&setup.model);
    let prover = builder.commitment(pinned.clone(), secret).build().unwrap();
    let mut proofs: Vec<Proof> = inputs(4)
        .map(|values| prover.prove(&input(values)).unwrap())
        .collect();
    let (own, foreign) = (setup.linked(&pinned).unwrap(), setup.linked(&strange).unwrap());
    assert!(own.verify_batch(&proofs).iter().all(Result::is_ok));
    assert!(foreign.verify_batch(&proofs).iter().all(Result::is_err));

    proofs[2] = setup.prove_linked(&strange, &others).unwrap();
    let valid: Vec<bool> = own.verify_batch(&proofs).iter().map(Result::is_ok).collect();
    assert_eq!(valid, [true, true, false, true]);
}

/// Proofs with opposite errors in their last points, on which no challenge depends: without weights of their own their
/// equations would add up to one that holds.
#[test]
fn opposite_errors_do_not_cancel_out() {
    let setup = setup(ParamVisibility::Private);
    let proof = setup.prove([0.5, 0.5], &ProveOptions::default()).unwrap().proof;
    let (rest, last) = proof.bytes().split_at(proof.bytes().len() - 32);
    let mut encoding = <G1Affine as GroupEncoding>::Repr::default();
    encoding.as_mut().copy_from_slice(last);
    let last = G1Affine::from_bytes(&encoding).unwrap();
    let shifted = |by: G1| {
        let point: G1Affine = (last + by).into();
        with_bytes(&proof, &[rest, point.to_bytes().as_ref()].concat())
    };
    let cheat = [shifted(G1::generator()), shifted(-G1::generator())];
    let proofs = [&cheat[..], std::slice::from_ref(&proof)].concat();
    let results = setup.verifier().unwrap().verify_batch(&proofs);
    assert_eq!(
        results.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [false, false, true]
    );
}

/// Contracts' proofs, which are hashed and encoded in another way.
#[test]
fn a_batch_of_proofs_for_contracts_says_what_single_verifications_say() {
    let setup = Setup::for_contracts(model(
        Visibility::Hashed,
        Visibility::Public,
        ParamVisibility::Private,
    ));
    let options = ProveOptions::default();
    let mut proofs: Vec<Proof> = inputs(3)
        .map(|values| setup.prove(values, &options).unwrap().proof)
        .collect();
    let key = setup.verifier().unwrap();
    for (claim, proof) in key.verify_batch(&proofs).into_iter().zip(&proofs) {
        assert_eq!(claim.unwrap(), key.verify(proof).unwrap());
    }
    let mut bytes = proofs[1].bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    proofs[1] = with_bytes(&proofs[1], &bytes);
    // Cut off, and longer by a byte: no proof that can be read to its end.
    proofs.push(with_bytes(&proofs[0], &proofs[0].bytes()[..last]));
    proofs.push(with_bytes(&proofs[0], &[proofs[0].bytes(), &[0]].concat()));
    let results = key.verify_batch(&proofs);
    for (result, proof) in results.iter().zip(&proofs) {
        let single = key.verify(proof);
        assert_eq!(
            result.as_ref().map_err(ToString::to_string),
            single.as_ref().map_err(ToString::to_string)
        );
    }
    assert_eq!(
        results.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true, false, false]
    );
}

/// More proofs than are added up together.
#[test]
fn a_bad_proof_is_found_in_whatever_part_of_a_batch() {
    const COUNT: usize = 1030;
    let setup = setup(ParamVisibility::Private);
    let options = ProveOptions::default();
    let [good, other] = [[0.5, 0.5], [0.25, 0.0]].map(|values| setup.prove(values, &options).unwrap().proof);
    let mut bytes = good.bytes().to_vec();
    bytes[..32].copy_from_slice(&other.bytes()[..32]);
    let bad = with_bytes(&good, &bytes);
    for at in [0, 1023, 1024, COUNT - 1] {
        let mut proofs = vec![good.clone(); COUNT];
        proofs[at] = bad.clone();
        let results = setup.verifier().unwrap().verify_batch(&proofs);
        let found: Vec<usize> = (0..COUNT).filter(|&i| results[i].is_err()).collect();
        assert_eq!(found, [at]);
    }
}

/// A proof may repeat the published points. Sums of thousands of points are made in another way than short ones.
#[test]
fn a_proof_with_the_published_points_is_one_bad_proof_among_many() {
    /// From this number of points on.
    const LONG_SUM: usize = 8104;
    let setup = setup(ParamVisibility::Committed);
    let secret = ModelSecret::random();
    let commitment = setup.commit(&secret);
    let pinned = PinnedModel::new(commitment.clone());
    let proof = setup.prove_linked(&pinned, &secret).unwrap();

    let cs = setup.verifying_key.halo2().cs();
    let first_phase = cs
        .advice_column_phase()
        .iter()
        .filter(|phase| **phase == 0)
        .count();
    let start = 32 * (first_phase - commitment.columns());
    let mut bytes = proof.bytes().to_vec();
    for (place, point) in bytes[start..].chunks_exact_mut(32).zip(commitment.points()) {
        assert_ne!(*place, *point.to_bytes().as_ref());
        place.copy_from_slice(point.to_bytes().as_ref());
    }
    let mut proofs = vec![proof.clone(); LONG_SUM.div_ceil(cs.num_advice_columns())];
    proofs.push(with_bytes(&proof, &bytes));

    let mut results = setup.linked(&pinned).unwrap().verify_batch(&proofs);
    let error = results.pop().unwrap().unwrap_err();
    assert!(error.is_invalid_proof(), "{error}");
    assert!(results.iter().all(Result::is_ok));
}
