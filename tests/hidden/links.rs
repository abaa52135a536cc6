//! Committed parameters, and what links proofs to them.

use crate::{link_places, with_bytes};
use halo2_proofs::poly::Polynomial;
use halo2_proofs::poly::commitment::{Blind, Params};
use halo2curves::bn256::{Fr, G1, G1Affine};
use halo2curves::group::{Curve, GroupEncoding};
use halo2curves::serde::SerdeObject;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use zkml::advanced::{ArtifactKind, CircuitOptions, Implementation, seal};
use zkml::commitments::{ModelCommitment, ModelSecret, PinnedModel};
use zkml::{
    CompiledModel, Digest, Error, Optimize, ParamVisibility, Proof, ProveOptions, Srs, TranscriptKind,
    Visibility,
};
use zkml_circuits::CompiledCircuit;
use zkml_testing::model::{Setup, default_model, graph, model, none};

fn committed() -> CompiledModel {
    model(
        Visibility::Private,
        Visibility::Public,
        ParamVisibility::Committed,
    )
}

#[test]
fn a_proof_is_linked_to_its_model_commitment() {
    let setup = Setup::new(committed());
    let secret = ModelSecret::random();
    let commitment = setup.commit(&secret);
    assert!(setup.verifying_key.commits_params() && !setup.verifying_key.fixes_params());
    let pinned = PinnedModel::new(commitment.clone());
    let proof = setup.prove_linked(&pinned, &secret).unwrap();
    let claim = setup.verify_linked(&proof, &pinned).unwrap();
    assert_eq!(claim.committed_model, Some(commitment.digest()));
    assert_eq!(claim.tensors[0].values, [1.25, 2.75, 0.0]);
    // The same from files.
    let loaded = ModelCommitment::from_bytes(&commitment.to_bytes()).unwrap();
    assert_eq!(loaded, commitment);
    let proof = Proof::from_bytes(&proof.to_bytes()).unwrap();
    setup
        .verify_linked(&proof, &PinnedModel::new(loaded.clone()))
        .unwrap();
    // All bytes are read.
    for cut in [1, 32, 64, 96, 128] {
        let short = with_bytes(&proof, &proof.bytes()[..proof.bytes().len() - cut]);
        let error = setup.verify_linked(&short, &pinned).unwrap_err();
        assert!(error.is_invalid_proof(), "{error}");
    }
    let long = with_bytes(&proof, &[proof.bytes(), &[0; 32]].concat());
    assert!(
        setup
            .verify_linked(&long, &pinned)
            .unwrap_err()
            .is_invalid_proof()
    );
}

/// With either transcript, and with columns of their own or shared ones. The upstream prover opens nothing of ours.
#[test]
fn every_transcript_and_fold_is_linked() {
    let (graph, params) = graph();
    let folded = CircuitOptions {
        optimize: Optimize::Evm,
        ..*committed().options()
    };
    let folded = CompiledModel::from_graph(graph, params, folded).unwrap();
    for (model, transcript) in [
        (committed(), TranscriptKind::Blake2b),
        (committed(), TranscriptKind::Evm),
        (folded, TranscriptKind::Evm),
    ] {
        let srs = Srs::development(model.k(), &none()).unwrap();
        let setup = Setup::make(model, srs, transcript);
        let secret = ModelSecret::random();
        let (commitment, others) = (setup.commit(&secret), setup.commit(&ModelSecret::random()));
        let pinned = PinnedModel::new(commitment.clone());
        let proof = setup.prove_linked(&pinned, &secret).unwrap();
        setup.verify_linked(&proof, &pinned).unwrap();
        let other = setup.verify_linked(&proof, &PinnedModel::new(others.clone()));
        assert!(other.unwrap_err().is_invalid_proof());
        let upstream = setup
            .builder(&setup.model)
            .implementation(Implementation::Upstream);
        let refused = upstream.commitment(pinned, secret).build();
        assert!(matches!(refused, Err(Error::UpstreamLink)));
    }
}

#[test]
fn links_to_anything_else_are_rejected() {
    let setup = Setup::new(committed());
    let (secret, manifest) = (ModelSecret::random(), *setup.model.digest());
    let commitment = setup.commit(&secret);
    let pinned = PinnedModel::with_manifest(commitment.clone(), manifest);
    let proof = setup.prove_linked(&pinned, &secret).unwrap();
    setup.verify_linked(&proof, &pinned).unwrap();
    let rejected = |proof: &Proof, pinned: &PinnedModel, what: &str| {
        let error = setup.verify_linked(proof, pinned).unwrap_err();
        assert!(error.is_invalid_proof(), "{what}: {error}");
    };

    // Another manifest's digest, and none.
    let other: Digest = "11".repeat(32).parse().unwrap();
    rejected(
        &proof,
        &PinnedModel::with_manifest(commitment.clone(), other),
        "manifest",
    );
    rejected(&proof, &PinnedModel::new(commitment.clone()), "no manifest");

    // Another model of the same architecture: its columns are others.
    let (graph, mut params) = graph();
    params.tensors[0][2] += 1;
    let options = *setup.model.options();
    let stranger = Arc::new(CompiledModel::from_graph(graph, params, options).unwrap());
    let theirs = setup
        .proving_key
        .commit_model(&stranger, &setup.srs, &ModelSecret::random(), &none())
        .unwrap();
    rejected(
        &proof,
        &PinnedModel::with_manifest(theirs.clone(), manifest),
        "another model",
    );
    // The same parameters with another secret are another commitment.
    let blinded = setup.commit(&ModelSecret::random());
    assert_ne!(blinded, commitment);
    rejected(
        &proof,
        &PinnedModel::with_manifest(blinded.clone(), manifest),
        "another secret",
    );

    // A prover with other parameters cannot link to this commitment, nor one without the secret.
    let cheat = |model: &Arc<CompiledModel>, secret: &ModelSecret| {
        let result = setup.prove_as(model, &pinned, secret);
        assert!(matches!(result, Err(Error::Unproven { .. })));
    };
    cheat(&stranger, &secret);
    cheat(&setup.model, &ModelSecret::random());

    // The link of another proof, even of the same run: each is part of its own proof.
    let second = setup.prove_linked(&pinned, &secret).unwrap();
    let places = link_places(&setup, 32);
    let replaced = |places: &[Range<usize>]| {
        let mut bytes = proof.bytes().to_vec();
        for place in places {
            bytes[place.clone()].copy_from_slice(&second.bytes()[place.clone()]);
        }
        with_bytes(&proof, &bytes)
    };
    rejected(&replaced(&places), &pinned, "a link from another proof");
    let [point, scalar] = places.clone();
    rejected(&replaced(&[point]), &pinned, "the point of another link");
    rejected(&replaced(&[scalar]), &pinned, "the scalar of another link");
    // Without its value a proof has the form of one without a link.
    for place in &places {
        let mut bytes = proof.bytes().to_vec();
        bytes.drain(place.clone());
        rejected(&with_bytes(&proof, &bytes), &pinned, "a missing part");
    }
    // The bits of the link count, flags of compressed points among them.
    for place in &places {
        for bit in (0..256).step_by(7).chain([254, 255]) {
            let mut changed = proof.bytes().to_vec();
            changed[place.start + bit / 8] ^= 1 << (bit % 8);
            rejected(&with_bytes(&proof, &changed), &pinned, "a changed bit");
        }
    }
}

#[test]
fn commitments_belong_to_keys_with_committed_parameters() {
    let setup = Setup::new(committed());
    let secret = ModelSecret::random();
    let commitment = setup.commit(&secret);
    let pinned = PinnedModel::new(commitment.clone());
    let proof = setup.prove_linked(&pinned, &secret).unwrap();
    assert!(matches!(setup.verify(&proof), Err(Error::CommitmentNeeded)));
    assert!(matches!(
        setup.prove([1.5, -0.5], &ProveOptions::default()),
        Err(Error::CommitmentNeeded)
    ));
    // A second setup has another SRS, and so other keys.
    let other = Setup::new(committed());
    let theirs = other.commit(&secret);
    assert!(matches!(
        setup.verify_linked(&proof, &PinnedModel::new(theirs.clone())),
        Err(Error::WrongCommitment { .. })
    ));
    // The same points under another model, another key, or one less of them.
    let file = |model: &Digest, key: &Digest, points: &[G1Affine]| {
        let mut payload = [&model.as_bytes()[..], key.as_bytes()].concat();
        payload.extend_from_slice(&(points.len() as u32).to_le_bytes());
        points
            .iter()
            .for_each(|p| payload.extend_from_slice(&p.to_raw_bytes()));
        ModelCommitment::from_bytes(&seal(ArtifactKind::ModelCommitment, &payload)).unwrap()
    };
    let (model, key) = (*setup.model.digest(), *setup.verifying_key.digest());
    assert_eq!(file(&model, &key, commitment.points()), commitment);
    for changed in [
        file(&key, &key, commitment.points()),
        file(&model, &model, commitment.points()),
        file(&model, &key, &commitment.points()[1..]),
    ] {
        let pinned = PinnedModel::with_manifest(changed.clone(), commitment.digest());
        let refused = setup.verify_linked(&proof, &pinned);
        assert!(matches!(refused, Err(Error::WrongCommitment { .. })));
    }
    let private = Setup::new(default_model());
    let plain = private
        .prove([1.5, -0.5], &ProveOptions::default())
        .unwrap()
        .proof;
    assert!(matches!(
        private.verify_linked(&plain, &pinned),
        Err(Error::NothingCommitted)
    ));
    assert!(matches!(
        private.prove_linked(&pinned, &secret),
        Err(Error::NothingCommitted)
    ));
    let refused = private
        .proving_key
        .commit_model(&private.model, &private.srs, &secret, &none());
    assert!(matches!(refused, Err(Error::NothingCommitted)));
}

/// What hides the columns is the random values in the blinding rows, and nothing else.
#[test]
fn halo2_ignores_the_blind_of_a_commitment() {
    let srs = Srs::development(5, &none()).unwrap();
    let values: Vec<Fr> = (0..32).map(Fr::from).collect();
    let with = |blind: u64| -> G1Affine {
        let poly = Polynomial::new(values.clone());
        let point: G1 = srs.params().commit_lagrange(&poly, Blind(Fr::from(blind)));
        point.to_affine()
    };
    assert_eq!(with(0), with(12345));
}

/// A guess of the parameters cannot be confirmed: the commitment to their columns without the
/// random rows is neither published nor part of a proof.
#[test]
fn a_guess_of_the_parameters_is_not_confirmed() {
    let setup = Setup::new(committed());
    let secret = ModelSecret::random();
    let commitment = setup.commit(&secret);
    let proof = setup
        .prove_linked(&PinnedModel::new(commitment.clone()), &secret)
        .unwrap();
    let (graph, params) = graph();
    let circuit = CompiledCircuit::new(&graph, None, setup.model.options()).unwrap();
    let columns = circuit.weight_columns(&graph, &params).unwrap();
    assert_eq!(columns.len(), commitment.columns());
    assert!(columns.iter().any(|c| !c.cells().is_empty()));
    for column in &columns {
        let mut values = vec![Fr::zero(); 1 << setup.model.k()];
        column.cells().into_iter().for_each(|(row, x)| values[row] = x);
        let values = Polynomial::new(values);
        let point: G1 = setup.srs.params().commit_lagrange(&values, Blind::default());
        let point = point.to_affine();
        assert!(!commitment.points().contains(&point));
        let bytes = point.to_bytes();
        assert!(proof.bytes().chunks(32).all(|word| word != bytes.as_ref()));
    }
}

/// Proofs of one run share no point and no scalar: columns are blinded afresh, and nothing is evaluated
/// twice with the same blinding.
#[test]
fn proofs_of_one_run_share_nothing() {
    let setup = Setup::new(committed());
    let secret = ModelSecret::random();
    let commitment = setup.commit(&secret);
    let pinned = PinnedModel::new(commitment.clone());
    let proofs: Vec<Proof> = (0..4)
        .map(|_| setup.prove_linked(&pinned, &secret).unwrap())
        .collect();
    let words: Vec<HashSet<&[u8]>> = proofs.iter().map(|p| p.bytes().chunks(32).collect()).collect();
    for (i, a) in words.iter().enumerate() {
        for b in &words[..i] {
            // Constant fixed columns evaluate to the same at any point; a proof has few of them.
            assert!(
                a.intersection(b).count() <= 1,
                "{:?}",
                a.intersection(b).collect::<Vec<_>>()
            );
        }
    }
    let published: HashSet<Vec<u8>> = commitment
        .points()
        .iter()
        .map(|p| p.to_bytes().as_ref().to_vec())
        .collect();
    assert!(words.iter().flatten().all(|w| !published.contains(*w)));
}
