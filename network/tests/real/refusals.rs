//! Refusals: what they tell, and which models have them.

use super::*;

/// An input whose second layer's sum, with the weights of the tests' model, is beyond its range.
const BEYOND: [i64; 2] = [127, 127];

#[test]
fn a_run_that_ends_in_the_model_tells_one_thing_whatever_the_weights() {
    let keys = ProviderKeys::generate().unwrap();
    let options = bound(Visibility::Hashed, Visibility::Public, ParamVisibility::Private);
    let with_weights = |weights: Vec<i64>| {
        let files = files(options, Some(weights));
        ProvingEngine::publish("tiny", files, true, &keys, &Progress::none()).unwrap()
    };
    let provers = [vec![16, 32, -16, 8, 8, 8], vec![-1, 99, 3, 5, 77, 127]].map(with_weights);
    assert_eq!(provers[0].manifest(), provers[1].manifest());
    for prover in &provers {
        let request = pending(prover, BEYOND);
        let outcome = run(prover, &request.binding(), &OpenRequest::from(&request));
        assert!(
            matches!(&outcome, Outcome::Refusal(Refusal::Model)),
            "{outcome:?}"
        );
        let sealed = SealedAnswer::seal(request.envelope(), &request.reply_key(), keys.sealing(), &outcome);
        let opened = request.open(prover.manifest(), &sealed.unwrap()).unwrap();
        let Outcome::Refusal(refusal) = opened else {
            panic!("a refusal opens as an answer");
        };
        let error = prover.published().refused(refusal).to_string();
        assert!(error.contains("does not take this input"), "{error}");
        assert!(!error.contains(|c: char| c.is_ascii_digit()), "{error}");
        // The provider has the weights, and its own log names the tensor.
        let local = prove_locally(prover, asked(BEYOND), &Progress::none()).unwrap_err();
        assert!(local.to_string().contains("dense"), "{local}");
    }
}

#[test]
fn a_manifest_says_what_its_model_refuses() {
    let keys = ProviderKeys::generate().unwrap();
    let honest = hidden(&keys);
    let mut body = honest.manifest().body().clone();
    body.may_refuse = false;
    let lie = SignedManifest::sign(body, &keys).unwrap();
    let lying = PublishedModel::new(lie, honest.published().key().clone()).unwrap();
    assert!(matches!(lying.refused(Refusal::Model), Error::BrokenWord));
    let text = Refusal::Request("too long".to_owned());
    assert!(matches!(lying.refused(text), Error::Refused { .. }));
    assert!(matches!(
        honest.published().refused(Refusal::Model),
        Error::Refused { .. }
    ));
}

#[test]
fn refusals_and_answers_travel_in_the_same_envelope() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = hidden(&keys);
    let request = pending(&prover, [16, 16]);
    let len = |outcome: &Outcome| {
        let sealed = SealedAnswer::seal(request.envelope(), &request.reply_key(), keys.sealing(), outcome);
        sealed.unwrap().to_json().unwrap().len()
    };
    let proven = run(&prover, &request.binding(), &OpenRequest::from(&request));
    assert_eq!(len(&proven), len(&Outcome::Refusal(Refusal::Model)));
    assert_eq!(
        len(&proven),
        len(&Outcome::Refusal(Refusal::Request("no".to_owned())))
    );
}
