//! Real proofs of a tiny model: asked, answered, checked by user and validator; and what must fail.

mod common;
#[path = "../../tests/common/mod.rs"]
mod model;

use std::num::NonZeroU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zkml::{
    ArtifactKind, CircuitOptions, CompiledModel, Digest, ModelSecret, ParamVisibility, Progress, Proof, Role,
    Srs, Visibility, commit, seal,
};
use zkml_network::{
    Answer, Asked, Binding, CheckedAnswer, Client, Engine, Error, EvmRecipient, Hosted, Manifest, Metrics,
    OpenRequest, Outcome, PendingRequest, Prover, ProverFiles, ProviderKeys, PublishedModel, Queue, Refusal,
    SealedAnswer, Service, ServiceOptions, SignedManifest, TensorVisibility, WeightVisibility, Worker,
    prove_locally, serve, unix_now,
};

const PATIENCE: Duration = Duration::from_secs(120);

fn srs(k: u32) -> Srs {
    static SRS: OnceLock<Srs> = OnceLock::new();
    let srs = SRS.get_or_init(|| Srs::development(11, &Progress::none()).unwrap());
    srs.downsize(k, &Progress::none()).unwrap()
}

/// The tiny model with its prover's files.
fn files(options: CircuitOptions, weights: Option<Vec<i64>>) -> ProverFiles {
    let (graph, mut values) = model::graph();
    if let Some(weights) = weights {
        values.tensors[0] = weights;
    }
    let model = CompiledModel::from_graph(graph, values, options).unwrap();
    let srs = srs(model.k());
    let (key, _) = model.setup(&srs, &Progress::none()).unwrap();
    ProverFiles {
        model,
        key,
        srs,
        secret: (options.params == ParamVisibility::Committed).then(ModelSecret::random),
        device: zkml::Device::default(),
    }
}

/// How models are compiled for the protocol.
fn bound(inputs: Visibility, outputs: Visibility, params: ParamVisibility) -> CircuitOptions {
    CircuitOptions {
        inputs,
        outputs,
        params,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    }
}

/// A published model.
fn prover(keys: &ProviderKeys, inputs: Visibility, outputs: Visibility, params: ParamVisibility) -> Prover {
    let files = files(bound(inputs, outputs, params), None);
    Prover::publish("tiny", files, true, keys, &Progress::none()).unwrap()
}

fn hidden(keys: &ProviderKeys) -> Prover {
    prover(
        keys,
        Visibility::Hashed,
        Visibility::Hashed,
        ParamVisibility::Committed,
    )
}

fn asked(values: [i64; 2]) -> Asked {
    Asked {
        inputs: vec![values.to_vec()],
        expiry: unix_now() + 600,
        evm: Some(EvmRecipient {
            account: [7; 20].into(),
            chain: NonZeroU64::MIN,
            registry: [8; 20].into(),
        }),
        identity: None,
    }
}

fn pending(prover: &Prover, values: [i64; 2]) -> PendingRequest {
    PendingRequest::new(prover.manifest(), asked(values)).unwrap()
}

fn run(prover: &Prover, binding: &Binding, open: &OpenRequest) -> Outcome {
    prover.answer(binding, open, &Progress::none()).unwrap()
}

fn answer(prover: &Prover, request: &PendingRequest) -> Answer {
    match run(prover, &request.binding(), &OpenRequest::from(request)) {
        Outcome::Answer(answer) => answer,
        Outcome::Refusal(reason) => panic!("{reason}"),
    }
}

fn check(model: &PublishedModel, request: &PendingRequest, answer: &Answer) -> Result<CheckedAnswer, Error> {
    model.check_answer(request, answer, unix_now())
}

/// The answer with another proof.
fn with_proof(answer: &Answer, proof: Proof) -> Answer {
    Answer {
        proof,
        output_salts: answer.output_salts.clone(),
        outputs: answer.outputs.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_asked_over_http() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = Arc::new(hidden(&keys));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("queue.db").display());
    let queue = Queue::open(&url, 3).await.unwrap();
    let (metrics, stop) = (Metrics::default(), CancellationToken::new());
    let service = Service::new(
        vec![Hosted::new(prover.published(), prover.circuit(), prover.srs()).unwrap()],
        queue.clone(),
        keys.sealing().clone(),
        metrics.clone(),
        ServiceOptions::default(),
        stop.clone(),
    )
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let engines = vec![Arc::clone(&prover) as Arc<dyn Engine>];
    let worker = Worker::new(
        queue,
        engines,
        keys.sealing().clone(),
        common::provider::worker_options(),
        metrics,
    );
    let tasks = [
        tokio::spawn(async move { serve(service, listener).await.unwrap() }),
        tokio::spawn({
            let stop = stop.clone();
            async move { worker.run(stop).await }
        }),
    ];

    let digest = *prover.manifest().digest();
    let user = move || {
        let client = Client::new(&url, PATIENCE);
        let published = client.published(client.manifest(&digest).unwrap()).unwrap();
        // The key is made again from what the provider sends.
        let circuit = client.circuit(published.manifest()).unwrap();
        let srs = client.srs(published.manifest(), &Progress::none()).unwrap();
        assert_eq!(srs.k(), published.key().k());
        published.check_key(&circuit, &srs, &Progress::none()).unwrap();
        let request = PendingRequest::new(published.manifest(), asked([16, 16])).unwrap();
        client.submit(&request).unwrap();
        let sealed = client
            .wait(&request.header().request_id, PATIENCE, |_| Ok(()))
            .unwrap();
        let Outcome::Answer(answer) = request.open(published.manifest(), &sealed).unwrap() else {
            panic!("refused");
        };
        let checked = check(&published, &request, &answer).unwrap();
        // relu(1 * w[0] + 1 * w[1]) in steps of 1/16.
        assert_eq!(checked.outputs[0].integers, [24, 40, 0]);
        assert_eq!(checked.outputs[0].label(), Some("bee"));
        assert_eq!(checked.openings.len(), 2);
        let validated = published.validate(&answer.proof, unix_now()).unwrap();
        assert_eq!(validated, checked.public);
        // Nothing of the run is in the claim.
        assert!(validated.claim.tensors.is_empty());
        assert_eq!(validated.binding.requester.as_bytes()[12..], [7; 20]);
        // What is out of range is refused under seal.
        let asked = asked([1000, 0]);
        let salts = request.salts().to_vec();
        let id = zkml_network::RequestId::random().unwrap();
        let bad = PendingRequest::unchecked(published.manifest(), asked, salts, id).unwrap();
        client.submit(&bad).unwrap();
        let sealed = client
            .wait(&bad.header().request_id, PATIENCE, |_| Ok(()))
            .unwrap();
        match bad.open(published.manifest(), &sealed).unwrap() {
            Outcome::Refusal(refusal) => assert!(refusal.to_string().contains("input x"), "{refusal}"),
            Outcome::Answer(_) => panic!("an input out of range was proven"),
        }
    };
    tokio::task::spawn_blocking(user).await.unwrap();
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
}

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

#[test]
fn models_that_are_not_made_for_it_are_not_published() {
    let keys = ProviderKeys::generate().unwrap();
    let publish = |inputs, outputs, context| {
        let (graph, values) = model::graph();
        let options = CircuitOptions {
            inputs,
            outputs,
            context,
            ..CircuitOptions::default()
        };
        let model = CompiledModel::from_graph(graph, values, options).unwrap();
        let srs = srs(model.k());
        let (key, _) = model.setup(&srs, &Progress::none()).unwrap();
        let files = ProverFiles {
            model,
            key,
            srs,
            secret: None,
            device: zkml::Device::default(),
        };
        Prover::publish("tiny", files, true, &keys, &Progress::none()).map(|_| ())
    };
    let room = Binding::VALUES as u16;
    let (hashed, private, public) = (Visibility::Hashed, Visibility::Private, Visibility::Public);
    publish(hashed, public, room).unwrap();
    for (inputs, outputs, context) in [
        (private, public, room),
        (hashed, private, room),
        (hashed, public, 0),
    ] {
        assert!(matches!(
            publish(inputs, outputs, context),
            Err(Error::Unsuitable { .. })
        ));
    }
}

#[test]
fn the_manifest_describes_what_commitments_are_to() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = hidden(&keys);
    let body = prover.manifest().body();
    assert_eq!(body.visibility.inputs, TensorVisibility::Hashed);
    let request = pending(&prover, [3, -4]);
    let answer = answer(&prover, &request);
    let claim = prover
        .published()
        .validate(&answer.proof, unix_now())
        .unwrap()
        .claim;
    let [input, output] = &claim.commitments[..] else {
        panic!("expected two commitments");
    };
    for (form, bits, commitment) in [
        (&input.tensor.forms[0], body.inputs[0].bits, input),
        (&output.tensor.forms[0], body.outputs[0].bits, output),
    ] {
        assert_eq!(form.bits, bits, "{}", commitment.tensor.name);
    }
    let own = commit(&[(input.tensor.forms[0].clone(), &[3, -4])], &request.salts()[0]).unwrap();
    assert_eq!(own, input.value);
}

/// An input whose second layer's sum, with the weights of the tests' model, is beyond its range.
const BEYOND: [i64; 2] = [127, 127];

#[test]
fn a_run_that_ends_in_the_model_tells_one_thing_whatever_the_weights() {
    let keys = ProviderKeys::generate().unwrap();
    let options = bound(Visibility::Hashed, Visibility::Public, ParamVisibility::Private);
    let with_weights = |weights: Vec<i64>| {
        let files = files(options, Some(weights));
        Prover::publish("tiny", files, true, &keys, &Progress::none()).unwrap()
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
        // Whoever runs the model has its weights, and reads which tensor it was.
        let local = prove_locally(prover, asked(BEYOND), &Progress::none()).unwrap_err();
        assert!(local.to_string().contains("dense"), "{local}");
    }
}

#[test]
fn hidden_weights_are_published_in_models_that_refuse_nothing_unless_it_is_allowed() {
    let keys = ProviderKeys::generate().unwrap();
    let publication = |params, allow_refusals| {
        let files = files(bound(Visibility::Hashed, Visibility::Public, params), None);
        assert!(files.model.can_refuse());
        Prover::publish("tiny", files, allow_refusals, &keys, &Progress::none())
    };
    for hidden in [
        ParamVisibility::Private,
        ParamVisibility::Hashed,
        ParamVisibility::Committed,
    ] {
        let refused = publication(hidden, false).err().unwrap();
        assert!(matches!(refused, Error::MayRefuse { .. }), "{refused}");
        let words = refused.to_string();
        assert!(
            words.contains("--saturate") && words.contains("--allow-refusals"),
            "{words}"
        );
        assert!(publication(hidden, true).unwrap().manifest().body().may_refuse);
    }
    for shown in [ParamVisibility::Public, ParamVisibility::Fixed] {
        assert!(publication(shown, false).unwrap().manifest().body().may_refuse);
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

#[test]
fn a_manifest_says_of_weights_and_tensors_what_the_key_does() {
    let keys = ProviderKeys::generate().unwrap();
    let honest = prover(
        &keys,
        Visibility::Hashed,
        Visibility::Public,
        ParamVisibility::Private,
    );
    let key = honest.published().key();
    let refused = |what: &str, change: &dyn Fn(&mut Manifest)| {
        let mut body = honest.manifest().body().clone();
        change(&mut body);
        let signed = SignedManifest::sign(body, &keys).unwrap();
        let error = PublishedModel::new(signed, key.clone()).unwrap_err();
        assert!(matches!(error, Error::Mismatch { .. }), "{what}: {error}");
    };
    for params in [
        WeightVisibility::Fixed,
        WeightVisibility::Public,
        WeightVisibility::Hashed,
    ] {
        refused("weights", &|body| body.visibility.params = params);
    }
    refused("inputs", &|body| {
        body.visibility.inputs = TensorVisibility::Public
    });
    refused("outputs", &|body| {
        body.visibility.outputs = TensorVisibility::Hashed
    });
    refused("width of an input", &|body| body.inputs[0].bits += 1);
    refused("scale of an input", &|body| body.inputs[0].scale += 1);
    refused("name of an input", &|body| body.inputs[0].name.push('x'));
    refused("scale of an output", &|body| body.outputs[0].scale += 1);
    refused("labels", &|body| body.outputs[0].labels = vec!["cat".to_owned()]);
    refused("error bound", &|body| body.error_bits += 1);
    refused("another input", &|body| body.inputs.push(body.inputs[0].clone()));

    // Keys that hide more than their manifest says, and keys that are bound to nothing.
    let (graph, values) = model::graph();
    let options = CircuitOptions {
        inputs: Visibility::Private,
        outputs: Visibility::Public,
        params: ParamVisibility::Private,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    };
    let unbound = CircuitOptions {
        inputs: Visibility::Hashed,
        context: 0,
        ..options
    };
    for options in [options, unbound] {
        let model = CompiledModel::from_graph(graph.clone(), values.clone(), options).unwrap();
        let (_, key) = model.setup(&srs(model.k()), &Progress::none()).unwrap();
        let mut body = honest.manifest().body().clone();
        body.model_digest = *key.model_digest();
        body.key_digest = *key.digest();
        body.srs = key.srs_id().to_string();
        let signed = SignedManifest::sign(body, &keys).unwrap();
        let error = PublishedModel::new(signed, key).unwrap_err();
        assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    }
}

#[test]
fn a_manifest_commits_to_weights_of_its_key() {
    let keys = ProviderKeys::generate().unwrap();
    let honest = hidden(&keys);
    let (body, key) = (honest.manifest().body(), honest.published().key());
    let bytes = body.commitment().unwrap().unwrap().to_bytes();
    // The payload of a container, and in it the points: 64 bytes each, behind two digests and their number.
    let points = &bytes[16..bytes.len() - 32][68..];
    let file = |model: &Digest, key: &Digest, points: &[u8]| {
        let count = (points.len() / 64) as u32;
        let parts = [model.as_bytes(), key.as_bytes(), &count.to_le_bytes()[..], points];
        hex::encode(seal(ArtifactKind::ModelCommitment, &parts.concat()))
    };
    let model = &body.model_digest;
    let signed = |commitment: Option<String>, params: WeightVisibility| {
        let mut body = body.clone();
        body.model_commitment = commitment;
        body.visibility.params = params;
        SignedManifest::sign(body, &keys)
    };
    let committed = |commitment| signed(Some(commitment), WeightVisibility::Committed);
    let same = committed(file(model, key.digest(), points)).unwrap();
    assert_eq!(same.digest(), honest.manifest().digest());
    PublishedModel::new(same, key.clone()).unwrap();

    // What no manifest can say, whoever signs it.
    for made in [
        committed(file(key.digest(), key.digest(), points)),
        committed(file(model, model, points)),
        committed("00".to_owned()),
        signed(None, WeightVisibility::Committed),
        signed(body.model_commitment.clone(), WeightVisibility::Private),
    ] {
        assert!(made.is_err());
    }
    // What no key does.
    let other = signed(None, WeightVisibility::Private).unwrap();
    let error = PublishedModel::new(other, key.clone()).unwrap_err();
    assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    for points in [&points[64..], &[points, points].concat()] {
        let other = committed(file(model, key.digest(), points)).unwrap();
        let error = PublishedModel::new(other, key.clone()).unwrap_err();
        assert!(
            matches!(error, Error::Zkml(zkml::Error::WrongCommitment { .. })),
            "{error}"
        );
    }
}

#[test]
fn a_key_is_checked_against_the_circuit_of_its_manifest() {
    let keys = ProviderKeys::generate().unwrap();
    let options = CircuitOptions {
        inputs: Visibility::Hashed,
        params: ParamVisibility::Hashed,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    };
    let [honest, dishonest] = model::honest_and_dishonest(options);
    let (srs, none) = (srs(honest.k()), Progress::none());
    let (own, _) = honest.setup(&srs, &none).unwrap();
    let (_, key) = dishonest.setup(&srs, &none).unwrap();
    let key = model::relabelled_key(&key, honest.digest());
    let files = ProverFiles {
        model: honest,
        key: own,
        srs: srs.clone(),
        secret: None,
        device: zkml::Device::default(),
    };
    let prover = Prover::publish("tiny", files, true, &keys, &none).unwrap();
    let (published, circuit) = (prover.published(), prover.circuit());
    published.check_key(circuit, &srs, &none).unwrap();

    // The dishonest key fits its manifest in everything that they say of each other.
    let mut body = published.manifest().body().clone();
    body.key_digest = *key.digest();
    let signed = SignedManifest::sign(body.clone(), &keys).unwrap();
    let forged = PublishedModel::new(signed, key.clone()).unwrap();
    let error = forged.check_key(circuit, &srs, &none).unwrap_err();
    assert!(
        matches!(error, Error::Zkml(zkml::Error::DishonestKey { .. })),
        "{error}"
    );
    // Nor does a circuit help that the manifest does not name.
    let other = dishonest.circuit(key.transcript()).unwrap();
    let error = forged.check_key(&other, &srs, &none).unwrap_err();
    assert!(
        matches!(error, Error::Mismatch { what: "circuit", .. }),
        "{error}"
    );
    // Named in the manifest, it is what it is: another model's.
    body.circuit_digest = *other.digest();
    let signed = SignedManifest::sign(body, &keys).unwrap();
    let forged = PublishedModel::new(signed, key).unwrap();
    let error = forged.check_key(&other, &srs, &none).unwrap_err();
    assert!(
        matches!(error, Error::Zkml(zkml::Error::WrongModel { .. })),
        "{error}"
    );
    assert!(matches!(
        Hosted::new(published, &other, &srs),
        Err(Error::Mismatch { what: "circuit", .. })
    ));
}
