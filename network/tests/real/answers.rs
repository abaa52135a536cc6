//! Answers: what they are to, what their proofs are about, and what is refused.

use super::*;

#[test]
fn an_answer_is_to_its_request_about_its_input() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = hidden(&keys);
    let model = prover.published();
    let [first, second] = [[16, 16], [-16, 32]].map(|values| pending(&prover, values));
    let [to_first, to_second] = [&first, &second].map(|request| answer(&prover, request));
    check(model, &first, &to_first).unwrap();
    check(model, &second, &to_second).unwrap();

    let refused = |request: &PendingRequest, answer: &Answer| check(model, request, answer).unwrap_err();
    assert!(matches!(
        refused(&first, &to_second),
        Error::WrongBinding { what: "request", .. }
    ));
    // The provider ran another input for this request.
    let mut swapped = OpenRequest::from(&first);
    swapped.inputs = second.inputs().to_vec();
    let Outcome::Answer(lie) = run(&prover, &first.binding(), &swapped) else {
        panic!("refused");
    };
    assert!(matches!(refused(&first, &lie), Error::WrongInput { .. }));
    // Or the same input with a salt of its own, so that the user could not open the commitment.
    let mut salted = OpenRequest::from(&first);
    salted.salts = second.salts().to_vec();
    let Outcome::Answer(lie) = run(&prover, &first.binding(), &salted) else {
        panic!("refused");
    };
    assert!(matches!(refused(&first, &lie), Error::WrongInput { .. }));
    // Another requester, another expiry, another registry or none.
    let mut elsewhere = first.binding();
    elsewhere.destination.as_mut().unwrap().registry = [9; 20].into();
    for wrong in [
        elsewhere,
        Binding {
            destination: None,
            ..first.binding()
        },
        Binding {
            requester: [9; 32].into(),
            ..first.binding()
        },
        Binding {
            expiry: first.binding().expiry + 1,
            ..first.binding()
        },
    ] {
        let Outcome::Answer(lie) = run(&prover, &wrong, &OpenRequest::from(&first)) else {
            panic!("refused");
        };
        assert!(matches!(refused(&first, &lie), Error::WrongBinding { .. }));
    }
    // Outputs that are not those of the proof.
    let mut lie = with_proof(&to_first, to_first.proof.clone());
    lie.outputs[0][0] += 1;
    assert!(matches!(refused(&first, &lie), Error::WrongOutput { .. }));
    lie.outputs.clear();
    assert!(matches!(refused(&first, &lie), Error::WrongOutput { .. }));
    // Too late.
    let late = model
        .check_answer(&first, &to_first, first.header().expiry)
        .unwrap_err();
    assert!(matches!(late, Error::Expired { .. }));
}

#[test]
fn a_proof_is_for_its_manifest_alone() {
    let keys = ProviderKeys::generate().unwrap();
    // The same model with the same keys, published with two secrets.
    let [one, two] = [(); 2].map(|()| hidden(&keys));
    assert_eq!(one.published().key().digest(), two.published().key().digest());
    let request = pending(&one, [16, 16]);
    let proof = answer(&one, &request).proof.clone();
    let now = unix_now();
    one.published().validate(&proof, now).unwrap();
    assert!(two.published().validate(&proof, now).is_err());
    // Bound to the first manifest, linked to the second one's weights.
    let Outcome::Answer(lie) = run(&two, &request.binding(), &OpenRequest::from(&request)) else {
        panic!("refused");
    };
    let error = two.published().validate(&lie.proof, now).unwrap_err();
    assert!(
        matches!(error, Error::WrongBinding { what: "model", .. }),
        "{error}"
    );
    assert!(one.published().validate(&lie.proof, now).is_err());
    assert!(one.published().validate(&proof, request.header().expiry).is_err());
}

#[test]
fn many_proofs_are_validated_at_once_and_the_bad_ones_named() {
    let keys = ProviderKeys::generate().unwrap();
    for params in [ParamVisibility::Committed, ParamVisibility::Fixed] {
        let prover = prover(&keys, Visibility::Hashed, Visibility::Public, params);
        let (model, now) = (prover.published(), unix_now());
        let requests: Vec<PendingRequest> = (0..5).map(|i| pending(&prover, [16, i])).collect();
        let proofs: Vec<Proof> = requests
            .iter()
            .map(|r| answer(&prover, r).proof.clone())
            .collect();
        let results = model.validate_all(&proofs, now);
        for ((result, proof), request) in results.iter().zip(&proofs).zip(&requests) {
            let validated = result.as_ref().unwrap();
            assert_eq!(*validated, model.validate(proof, now).unwrap());
            assert_eq!(validated.binding, request.binding());
        }
        assert!(model.validate_all(&[], now).is_empty());
        // Changed at the start (a commitment), at the end (an opening or the link), in a public value.
        let mut bad = proofs.clone();
        let changed = |proof: &Proof, edit: &dyn Fn(&mut serde_json::Value)| {
            let mut json = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
            edit(&mut json);
            Proof::from_json(&json.to_string()).unwrap()
        };
        let other = serde_json::from_str::<serde_json::Value>(&proofs[0].to_json().unwrap()).unwrap();
        bad[1] = changed(&proofs[1], &|json| {
            json["public_values"] = other["public_values"].clone()
        });
        bad[3] = changed(&proofs[3], &|json| {
            let own = json["proof"].as_str().unwrap();
            let tail = other["proof"].as_str().unwrap();
            json["proof"] = format!("{}{}", &own[..own.len() - 64], &tail[tail.len() - 64..]).into();
        });
        bad[4] = changed(&proofs[4], &|json| {
            let own = json["proof"].as_str().unwrap();
            json["proof"] = own[..own.len() - 2].into();
        });
        let found: Vec<bool> = model.validate_all(&bad, now).iter().map(Result::is_ok).collect();
        assert_eq!(found, [true, false, true, false, false], "{params:?}");
        for (proof, ok) in bad.iter().zip(found) {
            assert_eq!(model.validate(proof, now).is_ok(), ok);
        }
    }
}

#[test]
fn every_visibility_works_and_shows_what_it_says() {
    let keys = ProviderKeys::generate().unwrap();
    for (inputs, outputs, params) in [
        (Visibility::Public, Visibility::Public, ParamVisibility::Fixed),
        (Visibility::Public, Visibility::Hashed, ParamVisibility::Hashed),
        (Visibility::Hashed, Visibility::Public, ParamVisibility::Private),
        (Visibility::Hashed, Visibility::Hashed, ParamVisibility::Public),
    ] {
        let prover = prover(&keys, inputs, outputs, params);
        let request = pending(&prover, [16, 16]);
        let answer = answer(&prover, &request);
        let checked = check(prover.published(), &request, &answer).unwrap();
        assert_eq!(checked.outputs[0].integers, [24, 40, 0]);
        let shown = |role| checked.public.claim.tensors.iter().any(|t| t.role == role);
        assert_eq!(shown(Role::Input), inputs == Visibility::Public);
        assert_eq!(shown(Role::Output), outputs == Visibility::Public);
        // The openings open.
        for opening in &checked.openings {
            let values = match opening.tensor.role {
                Role::Input => request.inputs()[0].clone(),
                _ => checked.outputs[0].integers.clone(),
            };
            assert!(opening.opens_to(&[&values]).unwrap());
        }
        let hashed = [inputs, outputs]
            .iter()
            .filter(|v| **v == Visibility::Hashed)
            .count();
        assert_eq!(checked.openings.len(), hashed);
        // A proof about another public input is no answer.
        let mut other = OpenRequest::from(&request);
        other.inputs = vec![vec![16, 17]];
        let Outcome::Answer(lie) = run(&prover, &request.binding(), &other) else {
            panic!("refused");
        };
        assert!(matches!(
            check(prover.published(), &request, &lie),
            Err(Error::WrongInput { .. })
        ));
    }
}

#[test]
fn a_user_proves_alone() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = prover(
        &keys,
        Visibility::Hashed,
        Visibility::Public,
        ParamVisibility::Fixed,
    );
    let (proof, checked) = prove_locally(&prover, asked([16, 16]), &Progress::none()).unwrap();
    assert_eq!(checked.outputs[0].integers, [24, 40, 0]);
    let validated = prover.published().validate(&proof, unix_now()).unwrap();
    assert!(validated.claim.fixed_params);
    assert!(matches!(
        prove_locally(&prover, asked([500, 0]), &Progress::none()),
        Err(Error::Input { .. })
    ));
}
