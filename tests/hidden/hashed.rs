//! Hashed tensors and a context.

use std::collections::HashSet;
use zkml::advanced::CircuitOptions;
use zkml::commitments::{Salt, commit};
use zkml::{CompiledModel, Element, Error, ParamVisibility, Proof, ProveOptions, Role, Visibility};
use zkml_testing::model::{Setup, graph, input, model};

fn with_context(context: u16) -> CompiledModel {
    let (graph, params) = graph();
    let options = CircuitOptions {
        context,
        ..CircuitOptions::default()
    };
    CompiledModel::from_graph(graph, params, options).unwrap()
}

#[test]
fn every_hashed_tensor_is_committed_to_and_opens() {
    let setup = Setup::new(model(
        Visibility::Hashed,
        Visibility::Hashed,
        ParamVisibility::Hashed,
    ));
    let x = [1.5, -0.5];
    let proven = setup.prove(x, &ProveOptions::default()).unwrap();
    let claim = setup.verify(&proven.proof).unwrap();
    assert!(claim.tensors.is_empty());
    let roles: Vec<Role> = claim.commitments.iter().map(|c| c.tensor.role).collect();
    assert_eq!(roles, [Role::Input, Role::Output, Role::Param]);
    let (_, params) = graph();
    let expected = [vec![24, -8], vec![20, 44, 0], params.tensors[0].clone()];
    for ((opening, commitment), values) in proven.openings.iter().zip(&claim.commitments).zip(&expected) {
        assert_eq!(
            (&opening.tensor, opening.commitment),
            (&commitment.tensor, commitment.value)
        );
        // The same commitment, computed outside the circuit.
        let tensors = [(opening.tensor.forms[0].clone(), &values[..])];
        assert_eq!(commit(&tensors, &opening.salt).unwrap(), commitment.value);
        assert!(opening.opens_to(&[values]).unwrap());
        let mut other = values.clone();
        other[0] += 1;
        assert!(!opening.opens_to(&[&other]).unwrap());
        assert_eq!(
            setup.model.hashed_values(&opening.tensor, &input(x)).unwrap(),
            std::slice::from_ref(values)
        );
    }
    // Fresh salts: nothing tells that a second proof is about the same values.
    let again = setup.prove(x, &ProveOptions::default()).unwrap();
    let all = [&proven, &again].map(|p| p.openings.iter().map(|o| o.commitment.to_string()));
    assert_eq!(all.into_iter().flatten().collect::<HashSet<_>>().len(), 6);
}

#[test]
fn a_given_salt_is_taken_and_an_unknown_one_refused() {
    let setup = Setup::new(model(
        Visibility::Hashed,
        Visibility::Public,
        ParamVisibility::Private,
    ));
    let salt = Salt::random();
    let options = ProveOptions::default().salt(Role::Input, "x", salt.clone());
    let proven = setup.prove([1.5, -0.5], &options).unwrap();
    assert_eq!(proven.openings[0].salt, salt);
    let form = proven.openings[0].tensor.forms[0].clone();
    let expected = commit(&[(form, &[24, -8][..])], &salt).unwrap();
    let claim = setup.verify(&proven.proof).unwrap();
    assert_eq!(claim.commitments[0].value, expected);
    for (role, name) in [(Role::Output, "y"), (Role::Input, "z"), (Role::Param, "")] {
        let options = ProveOptions::default().salt(role, name, Salt::random());
        let error = setup.prove([1.5, -0.5], &options).unwrap_err();
        assert!(matches!(error, Error::UnknownSalt { .. }), "{error}");
    }
    // The salt is nowhere in the proof.
    let bytes = proven.proof.to_bytes();
    assert!(!bytes.windows(32).any(|w| w == salt.to_bytes()));
}

#[test]
fn another_commitment_is_invalid() {
    let setup = Setup::new(model(
        Visibility::Hashed,
        Visibility::Public,
        ParamVisibility::Private,
    ));
    let proof = setup.prove([1.5, -0.5], &ProveOptions::default()).unwrap().proof;
    let mut json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    let last = json["public_values"].as_array().unwrap().len() - 1;
    json["public_values"][last] = Element::from(7u64).to_string().into();
    let changed = Proof::from_json(&json.to_string()).unwrap();
    assert!(setup.verify(&changed).unwrap_err().is_invalid_proof());
}

#[test]
fn a_proof_is_bound_to_its_context() {
    let setup = Setup::new(with_context(3));
    let digest = *setup.model.digest();
    let [high, low] = digest.halves();
    let context = vec![Element::from(7u64), high, low];
    let options = ProveOptions::default().context(context.clone());
    let proof = setup.prove([1.5, -0.5], &options).unwrap().proof;
    let claim = setup.verify(&proof).unwrap();
    assert_eq!(claim.context, context);
    assert_eq!(claim.tensors.len(), 1);
    let json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    let count = json["public_values"].as_array().unwrap().len();
    for i in count - 3..count {
        let mut changed = json.clone();
        changed["public_values"][i] = Element::from(8u64).to_string().into();
        let changed = Proof::from_json(&changed.to_string()).unwrap();
        let error = setup.verify(&changed).unwrap_err();
        assert!(error.is_invalid_proof(), "{error}");
    }
    for len in [count - 1, count + 1] {
        let mut changed = json.clone();
        let values = changed["public_values"].as_array_mut().unwrap();
        values.resize(len, Element::from(0u64).to_string().into());
        let changed = Proof::from_json(&changed.to_string()).unwrap();
        assert!(setup.verify(&changed).unwrap_err().is_invalid_proof());
    }
    for wrong in [0, 2, 4] {
        let options = ProveOptions::default().context(vec![Element::from(1u64); wrong]);
        let error = setup.prove([1.5, -0.5], &options).unwrap_err();
        assert!(
            matches!(error, Error::ContextLength { expected: 3, found } if found == wrong),
            "{error}"
        );
    }
    assert_ne!(with_context(2).digest(), setup.model.digest());
}
