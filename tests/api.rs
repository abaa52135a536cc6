//! A model's life through the public API: setup, proof, verification, files.

use std::sync::Arc;
use zkml::advanced::{ArtifactKind, CircuitOptions};
use zkml::ceremony::SrsStanding;
use zkml::{
    CompiledModel, Error, ParamVisibility, Proof, ProveOptions, Prover, ProvingKey, Role, Srs, Verifier,
    VerifyingKey, Visibility,
};
use zkml_testing::model::{Setup, default_model, graph, input, model, none};

fn prove(setup: &Setup, values: [f32; 2]) -> Proof {
    setup.prove(values, &ProveOptions::default()).unwrap().proof
}

#[test]
fn a_proof_verifies_and_claims_the_outputs() {
    let setup = Setup::new(default_model());
    let proof = prove(&setup, [1.5, -0.5]);
    let claim = setup.verify(&proof).unwrap();
    assert_eq!(claim.claimed_model, *setup.model.digest());
    assert_eq!(
        (claim.srs, claim.srs_standing),
        (setup.srs.id(), SrsStanding::Unknown)
    );
    let [output] = &claim.tensors[..] else {
        panic!("expected one public tensor")
    };
    assert_eq!(*output, setup.model.run(&input([1.5, -0.5])).unwrap().outputs[0]);
    assert_eq!(
        (output.name.as_str(), output.role, &output.shape[..]),
        ("y", Role::Output, &[1, 3][..])
    );
    assert_eq!(output.values, [1.25, 2.75, 0.0]);
    assert_eq!(output.label(), Some("bee"));
}

#[test]
fn every_choice_of_visibility_proves_and_claims_what_is_public() {
    let (_, params) = graph();
    for inputs in [Visibility::Private, Visibility::Public] {
        for outputs in [Visibility::Private, Visibility::Public] {
            for visibility in [
                ParamVisibility::Private,
                ParamVisibility::Public,
                ParamVisibility::Fixed,
            ] {
                let setup = Setup::new(model(inputs, outputs, visibility));
                let claim = setup.verify(&prove(&setup, [1.0, 2.0])).unwrap();
                let mut expected = Vec::new();
                if inputs == Visibility::Public {
                    expected.push((Role::Input, vec![16, 32]));
                }
                if outputs == Visibility::Public {
                    expected.push((Role::Output, vec![32, 48, 0]));
                }
                if visibility == ParamVisibility::Public {
                    expected.push((Role::Param, params.tensors[0].clone()));
                }
                let found: Vec<_> = claim.tensors.into_iter().map(|t| (t.role, t.integers)).collect();
                assert_eq!(found, expected, "{inputs:?} {outputs:?} {visibility:?}");
            }
        }
    }
}

#[test]
fn everything_works_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let made = Setup::new(default_model());
    made.model.save(&path("model")).unwrap();
    made.srs.save(&path("srs")).unwrap();
    made.proving_key.save(&path("pk")).unwrap();
    made.verifying_key.save(&path("vk")).unwrap();
    let loaded = Setup {
        model: CompiledModel::load(&path("model")).unwrap().into(),
        srs: Srs::load(&path("srs")).unwrap().into(),
        proving_key: ProvingKey::load(&path("pk")).unwrap().into(),
        verifying_key: VerifyingKey::load(&path("vk")).unwrap().into(),
    };
    assert_eq!(loaded.model.digest(), made.model.digest());
    assert_eq!(loaded.verifying_key.digest(), made.verifying_key.digest());
    prove(&loaded, [1.0, 0.5]).save(&path("proof")).unwrap();
    let proof = Proof::load(&path("proof")).unwrap();
    made.verify(&proof).unwrap();
    loaded.verify(&proof).unwrap();
    let from_json = Proof::from_json(&proof.to_json().unwrap()).unwrap();
    assert_eq!(from_json, proof);
    // A second generation of files is the same as the first.
    assert_eq!(loaded.model.to_bytes().unwrap(), made.model.to_bytes().unwrap());
    assert_eq!(
        loaded.proving_key.to_bytes().unwrap(),
        made.proving_key.to_bytes().unwrap()
    );
    assert_eq!(
        loaded.verifying_key.to_bytes().unwrap(),
        made.verifying_key.to_bytes().unwrap()
    );
}

#[test]
fn a_loaded_proving_key_is_halo2s_own() {
    let made = Setup::new(default_model());
    let loaded = ProvingKey::from_bytes(&made.proving_key.to_bytes().unwrap()).unwrap();
    let bytes = |key: &ProvingKey| {
        let mut out = Vec::new();
        key.halo2()
            .unwrap()
            .write(&mut out, halo2_proofs::SerdeFormat::RawBytes)
            .unwrap();
        out
    };
    assert_eq!(bytes(&loaded), bytes(&made.proving_key));
}

#[test]
fn a_changed_bit_of_a_proof_is_invalid() {
    let setup = Setup::new(default_model());
    let proof = prove(&setup, [0.5, 0.25]);
    let json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    let bytes = proof.bytes().to_vec();
    let with = |bytes: &[u8]| {
        let mut changed = json.clone();
        changed["proof"] = hex::encode(bytes).into();
        Proof::from_json(&changed.to_string()).unwrap()
    };
    setup.verify(&with(&bytes)).unwrap();
    // Of each 32 bytes: the flags of a compressed point (bits 254 and 255) and some others.
    let words = 0..bytes.len() / 32;
    for bit in words.flat_map(|word| [0, 1, 100, 253, 254, 255].map(|bit| word * 256 + bit)) {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = setup.verify(&with(&changed)).unwrap_err();
        assert!(error.is_invalid_proof(), "bit {bit}: {error}");
    }
    for len in [0, 1, 31, 32, bytes.len() - 32, bytes.len() - 1] {
        assert!(
            setup.verify(&with(&bytes[..len])).unwrap_err().is_invalid_proof(),
            "length {len}"
        );
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(setup.verify(&with(&longer)).unwrap_err().is_invalid_proof());
}

#[test]
fn changed_public_values_are_invalid() {
    let setup = Setup::new(default_model());
    let proof = prove(&setup, [0.5, 0.25]);
    let json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    let verify = |values: Vec<serde_json::Value>| {
        let mut changed = json.clone();
        changed["public_values"] = values.into();
        Proof::from_json(&changed.to_string()).and_then(|proof| setup.verify(&proof))
    };
    let good = json["public_values"].as_array().unwrap().clone();
    verify(good.clone()).unwrap();
    let element = |x: u64| serde_json::Value::from(format!("0x{x:064x}"));
    for i in 0..good.len() {
        let mut changed = good.clone();
        changed[i] = element(99);
        assert!(verify(changed).unwrap_err().is_invalid_proof());
    }
    for changed in [
        good[1..].to_vec(),
        [&good[..], &[element(0)]].concat(),
        Vec::new(),
        vec![serde_json::Value::from(format!("0x{}", "f".repeat(64))); good.len()],
    ] {
        assert!(verify(changed).unwrap_err().is_invalid_proof());
    }
}

#[test]
fn files_that_do_not_belong_together_are_told_apart() {
    let ours = Setup::new(default_model());
    let other = Setup::new(model(
        Visibility::Public,
        Visibility::Public,
        ParamVisibility::Private,
    ));
    let again = Setup::new(default_model());
    let build = |model: &Setup, srs: &Setup| {
        Prover::builder(model.model.clone(), ours.proving_key.clone(), srs.srs.clone()).build()
    };
    let error = build(&other, &ours).unwrap_err();
    assert!(matches!(
        error,
        Error::WrongModel {
            what: ArtifactKind::ProvingKey,
            ..
        }
    ));
    let error = build(&ours, &again).unwrap_err();
    assert!(matches!(error, Error::WrongSrs { .. }));
    let proof = prove(&ours, [0.5, 0.25]);
    assert!(matches!(other.verify(&proof), Err(Error::WrongModel { .. })));
    assert!(matches!(again.verify(&proof), Err(Error::WrongKey { .. })));
    let key = ours.verifying_key.to_bytes().unwrap();
    assert!(matches!(
        ProvingKey::from_bytes(&key),
        Err(Error::WrongKind { .. })
    ));
}

#[test]
fn an_srs_is_cut_to_size_or_too_small() {
    let model = default_model();
    let srs = Srs::development(model.k() + 1, &none()).unwrap();
    let (proving_key, verifying_key) = model.setup(&srs, &none()).unwrap();
    let small = srs.downsize(model.k() - 1, &none()).unwrap();
    assert!(matches!(
        model.setup(&small, &none()),
        Err(Error::SrsTooSmall { .. })
    ));
    let (model, proving_key) = (Arc::new(model), Arc::new(proving_key));
    let build = |srs| Prover::builder(model.clone(), proving_key.clone(), srs).build();
    assert!(matches!(build(small), Err(Error::SrsTooSmall { .. })));
    let proof = build(srs).unwrap().prove(&input([1.0, 1.0])).unwrap();
    Verifier::new(verifying_key).unwrap().verify(&proof).unwrap();
}

#[test]
fn inputs_that_do_not_fit_are_named() {
    let model = default_model();
    assert!(matches!(
        model.run(&[]),
        Err(Error::Model(zkml_core::Error::InputCount { .. }))
    ));
    let long = vec![ndarray::ArrayD::zeros(vec![1, 3])];
    assert!(matches!(
        model.run(&long),
        Err(Error::Model(zkml_core::Error::InputShape { .. }))
    ));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let error = model.run(&input([0.0, bad])).unwrap_err();
        assert!(
            matches!(&error, Error::Input { name, .. } if name == "x"),
            "{error}"
        );
    }
    let error = model.run(&input([0.0, 100.0])).unwrap_err();
    assert!(
        matches!(error, Error::Model(zkml_core::Error::OutOfRange(_))),
        "{error}"
    );
}

#[test]
fn mock_agrees_with_run() {
    let model = default_model();
    let x = input([0.5, -1.0]);
    assert_eq!(model.mock(&x, &none()).unwrap(), model.run(&x).unwrap());
}

#[test]
fn cancelled_work_ends_with_an_error() {
    let setup = Setup::new(default_model());
    let progress = none();
    progress.cancel();
    let x = input([0.5, -1.0]);
    assert!(matches!(
        setup.model.setup(&setup.srs, &progress),
        Err(Error::Cancelled)
    ));
    assert!(matches!(setup.model.mock(&x, &progress), Err(Error::Cancelled)));
    let result = setup.prove([0.5, -1.0], &ProveOptions::default().progress(&progress));
    assert!(matches!(result, Err(Error::Cancelled)));
    let large = Srs::development(setup.model.k() + 1, &none()).unwrap();
    let key = setup.model.setup(&large, &none()).unwrap().0;
    let built = Prover::builder(setup.model.clone(), key, large)
        .progress(&progress)
        .build();
    assert!(matches!(built, Err(Error::Cancelled)));
}

#[test]
fn the_digest_is_of_the_architecture_alone() {
    let (graph, params) = graph();
    let compile =
        |graph, params| CompiledModel::from_graph(graph, params, CircuitOptions::default()).unwrap();
    let digest = *compile(graph.clone(), params.clone()).digest();
    let mut weights = params.clone();
    weights.tensors[0][0] += 1;
    assert_eq!(*compile(graph.clone(), weights).digest(), digest);
    let mut wider = graph.clone();
    wider.nodes[0].scale += 1;
    assert_ne!(*compile(wider, params).digest(), digest);
    let public = model(Visibility::Public, Visibility::Public, ParamVisibility::Private);
    assert_ne!(*public.digest(), digest);
}

#[test]
fn a_verifying_key_says_what_is_public() {
    let setup = Setup::new(model(
        Visibility::Public,
        Visibility::Public,
        ParamVisibility::Private,
    ));
    let key = &setup.verifying_key;
    let names: Vec<_> = key.public_tensors().map(|t| (t.name.as_str(), t.role)).collect();
    assert_eq!(names, [("x", Role::Input), ("y", Role::Output)]);
    assert_eq!((key.k(), key.srs_id()), (setup.model.k(), setup.srs.id()));
}
