//! Many proofs verified at once.

use crate::common::model;
use crate::{Setup, with_bytes};
use halo2curves::group::GroupEncoding;
use zkml::{ModelSecret, ParamVisibility, PinnedModel, Proof, ProveOptions, Visibility};

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
    let key = &setup.verifying_key;
    for (claim, proof) in key.verify_batch(&proofs, None).into_iter().zip(&proofs) {
        assert_eq!(claim.unwrap(), key.verify(proof).unwrap());
    }
    assert!(key.verify_batch(&[], None).is_empty());
    assert_eq!(key.verify_batch(&proofs[..1], None).len(), 1);

    // The public values of one proof under another, so that only the pairing tells.
    let mut json: serde_json::Value = serde_json::from_str(&proofs[3].to_json().unwrap()).unwrap();
    let other: serde_json::Value = serde_json::from_str(&proofs[0].to_json().unwrap()).unwrap();
    json["public_values"] = other["public_values"].clone();
    proofs[3] = Proof::from_json(&json.to_string()).unwrap();
    for (at, claim) in key.verify_batch(&proofs, None).into_iter().enumerate() {
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
    let (pinned, strange) = (PinnedModel::new(&own), PinnedModel::new(&foreign));
    let linked = ProveOptions::default().model(pinned, &secret);
    let mut proofs: Vec<Proof> = inputs(4)
        .map(|values| setup.prove(values, &linked).unwrap().proof)
        .collect();
    let key = &setup.verifying_key;
    assert!(key.verify_batch(&proofs, Some(&pinned)).iter().all(Result::is_ok));
    assert!(
        key.verify_batch(&proofs, Some(&strange))
            .iter()
            .all(Result::is_err)
    );
    assert!(key.verify_batch(&proofs, None).iter().all(Result::is_err));

    let elsewhere = ProveOptions::default().model(strange, &others);
    proofs[2] = setup.prove([0.5, 0.5], &elsewhere).unwrap().proof;
    let valid: Vec<bool> = key
        .verify_batch(&proofs, Some(&pinned))
        .iter()
        .map(Result::is_ok)
        .collect();
    assert_eq!(valid, [true, true, false, true]);
}

/// A proof may repeat the published points, so that differences to them are infinity. Sums of thousands of points are made
/// in another way than short ones, which does not take that.
#[test]
fn a_proof_with_the_published_points_is_one_bad_proof_among_many() {
    /// From this number of points on.
    const LONG_SUM: usize = 8104;
    let setup = setup(ParamVisibility::Committed);
    let secret = ModelSecret::random();
    let commitment = setup.commit(&secret);
    let pinned = PinnedModel::new(&commitment);
    let options = ProveOptions::default().model(pinned, &secret);
    let proof = setup.prove([0.5, 0.5], &options).unwrap().proof;

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
    let opened = cs.num_advice_columns() + cs.num_fixed_columns();
    let mut proofs = vec![proof.clone(); LONG_SUM.div_ceil(opened)];
    proofs.push(with_bytes(&proof, &bytes));

    // A thread takes a part of a batch: this one takes it all.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut results = pool.install(|| setup.verifying_key.verify_batch(&proofs, Some(&pinned)));
    let error = results.pop().unwrap().unwrap_err();
    assert!(error.is_invalid_proof(), "{error}");
    assert!(results.iter().all(Result::is_ok));
}
