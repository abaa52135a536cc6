//! Messages changed, replayed and sent to the wrong place.

use proptest::prelude::*;
use serde_json::Value;
use std::num::NonZeroU64;
use zkml_network::{
    Asked, Error, EvmRecipient, Manifest, Outcome, PendingRequest, ProviderKeys, Refusal, RequestId, Salt,
    SealedAnswer, SealedRequest, SignedManifest, TensorVisibility,
};

/// A model with two hashed inputs of eight bits.
fn manifest(keys: &ProviderKeys, name: &str) -> SignedManifest {
    let mut body: Manifest = serde_json::from_str(include_str!("fixtures/manifest.json")).unwrap();
    body.name = name.to_owned();
    body.inputs[0].shape = vec![2];
    body.inputs[0].bits = 8;
    SignedManifest::sign(body, keys).unwrap()
}

fn asked() -> Asked {
    Asked {
        inputs: vec![vec![-128, 127]],
        expiry: 1000,
        evm: Some(EvmRecipient {
            account: [7; 20].into(),
            chain: NonZeroU64::MIN,
            registry: [8; 20].into(),
        }),
        identity: None,
    }
}

/// Seals an outcome as the provider with these keys.
fn answer(request: &PendingRequest, keys: &ProviderKeys, text: &str) -> SealedAnswer {
    let reply_key = request.envelope().open(keys.sealing()).unwrap().reply_key;
    let outcome = Outcome::Refusal(Refusal::Request(text.to_owned()));
    SealedAnswer::seal(request.envelope(), &reply_key, keys.sealing(), &outcome).unwrap()
}

/// A provider, a model of it, a request, its answer.
struct Scene {
    keys: ProviderKeys,
    manifest: SignedManifest,
    request: PendingRequest,
    answer: SealedAnswer,
}

impl Scene {
    fn new() -> Self {
        let keys = ProviderKeys::generate().unwrap();
        let manifest = manifest(&keys, "a");
        let request = PendingRequest::new(&manifest, asked()).unwrap();
        let answer = answer(&request, &keys, "text");
        Self {
            keys,
            manifest,
            request,
            answer,
        }
    }
}

fn text(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refusal(refusal) => refusal.to_string(),
        Outcome::Answer(_) => panic!("nothing was proven"),
    }
}

#[test]
fn what_is_sealed_comes_back() {
    let scene = Scene::new();
    let json = scene.request.envelope().to_json().unwrap();
    let request = SealedRequest::from_json(&json).unwrap();
    assert_eq!(request, *scene.request.envelope());
    let open = request.open(scene.keys.sealing()).unwrap();
    assert_eq!(open.inputs, [[-128, 127]]);
    assert_eq!(open.salts, scene.request.salts());
    assert!(!format!("{open:?} {:?}", scene.request).contains("127"));
    let answer = SealedAnswer::from_json(&scene.answer.to_json().unwrap()).unwrap();
    assert_eq!(
        text(scene.request.open(&scene.manifest, &answer).unwrap()),
        "text"
    );
}

#[test]
fn explanations_show_as_what_they_are() {
    let scene = Scene::new();
    let hostile = "fine\u{202e}dab\u{200b} \u{1b}[2J\nvalid";
    let sealed = answer(&scene.request, &scene.keys, hostile);
    let shown = text(scene.request.open(&scene.manifest, &sealed).unwrap());
    assert_eq!(shown, r"fine\u{202e}dab\u{200b} \u{1b}[2J\nvalid");
}

#[test]
fn every_changed_field_of_an_answer_is_refused() {
    let Scene {
        manifest,
        request,
        answer,
        ..
    } = Scene::new();
    let good: Value = serde_json::from_slice(&answer.to_json().unwrap()).unwrap();
    let open = |field: &str, value: Value| {
        let mut json = good.clone();
        json[field] = value;
        request.open(&manifest, &SealedAnswer::from_json(json.to_string().as_bytes())?)
    };
    let flipped = |field: &str, at: usize| {
        let mut text = good[field].as_str().unwrap().to_owned();
        let other = if &text[at..=at] == "0" { "1" } else { "0" };
        text.replace_range(at..=at, other);
        open(field, text.into()).unwrap_err()
    };
    assert!(matches!(open("version", 1.into()), Err(Error::Version { .. })));
    assert!(matches!(open("more", 2.into()), Err(Error::Malformed { .. })));
    assert!(matches!(
        flipped("request_id", 0),
        Error::WrongBinding { what: "request", .. }
    ));
    assert!(matches!(flipped("encapsulated_key", 0), Error::Sealed { .. }));
    for at in [0, 100, 1000, 10_000] {
        assert!(matches!(flipped("ciphertext", at), Error::Sealed { .. }));
    }
    assert!(matches!(open("ciphertext", "".into()), Err(Error::Sealed { .. })));
    let cut = &good["ciphertext"].as_str().unwrap()[4..];
    assert!(matches!(
        open("ciphertext", cut.into()),
        Err(Error::Sealed { .. })
    ));
}

#[test]
fn an_answer_opens_for_its_request_alone() {
    let scene = Scene::new();
    // To another request of the same user, under its own id and under the first one's.
    let second = PendingRequest::new(&scene.manifest, asked()).unwrap();
    let replayed = second.open(&scene.manifest, &scene.answer).unwrap_err();
    assert!(
        matches!(replayed, Error::WrongBinding { what: "request", .. }),
        "{replayed}"
    );
    let mut json: Value = serde_json::from_slice(&scene.answer.to_json().unwrap()).unwrap();
    json["request_id"] = second.header().request_id.to_string().into();
    let renamed = SealedAnswer::from_json(json.to_string().as_bytes()).unwrap();
    assert!(matches!(
        second.open(&scene.manifest, &renamed),
        Err(Error::Sealed { .. })
    ));

    // To another user who chose the same id.
    let id = scene.request.header().request_id;
    let salt = vec![Salt::random()];
    let other = PendingRequest::unchecked(&scene.manifest, asked(), salt, id).unwrap();
    assert!(matches!(
        other.open(&scene.manifest, &scene.answer),
        Err(Error::Sealed { .. })
    ));

    // For another model.
    let model = manifest(&scene.keys, "b");
    assert!(matches!(
        scene.request.open(&model, &scene.answer),
        Err(Error::WrongModel { .. })
    ));
}

#[test]
fn only_the_provider_can_answer() {
    let scene = Scene::new();
    let stranger = ProviderKeys::generate().unwrap();
    // Someone who learned the reply key, but has not the provider's secret.
    let reply_key = scene
        .request
        .envelope()
        .open(scene.keys.sealing())
        .unwrap()
        .reply_key;
    let outcome = Outcome::Refusal(Refusal::Request("forged".to_owned()));
    let forged =
        SealedAnswer::seal(scene.request.envelope(), &reply_key, stranger.sealing(), &outcome).unwrap();
    assert!(matches!(
        scene.request.open(&scene.manifest, &forged),
        Err(Error::Sealed { .. })
    ));
    // A stranger cannot open the request.
    assert!(matches!(
        scene.request.envelope().open(stranger.sealing()),
        Err(Error::Sealed { .. })
    ));
    // Nor can the provider once it has changed its sealing key.
    let rotated = scene.keys.rotate().unwrap();
    assert!(matches!(
        scene.request.envelope().open(rotated.sealing()),
        Err(Error::Sealed { .. })
    ));
}

#[test]
fn requests_and_answers_cannot_stand_for_each_other() {
    let scene = Scene::new();
    let mut json: Value = serde_json::from_slice(&scene.request.envelope().to_json().unwrap()).unwrap();
    for field in ["model", "expiry", "evm", "identity", "signature"] {
        json.as_object_mut().unwrap().remove(field);
    }
    let request_as_answer = SealedAnswer::from_json(json.to_string().as_bytes()).unwrap();
    assert!(matches!(
        scene.request.open(&scene.manifest, &request_as_answer),
        Err(Error::Sealed { .. })
    ));
}

#[test]
fn answers_do_not_tell_their_kind_by_their_length() {
    let scene = Scene::new();
    let len = |text: &str| answer(&scene.request, &scene.keys, text).to_json().unwrap().len();
    assert_eq!(len(""), len(&"x".repeat(4000)));
    // An explanation is cut, at a character.
    let long = answer(&scene.request, &scene.keys, &"\u{e4}".repeat(5000));
    assert_eq!(
        text(scene.request.open(&scene.manifest, &long).unwrap()).len(),
        4096
    );
}

#[test]
fn inputs_that_do_not_fit_are_not_sealed() {
    let scene = Scene::new();
    let with = |inputs: Vec<Vec<i64>>| PendingRequest::new(&scene.manifest, Asked { inputs, ..asked() });
    for bad in [
        vec![],
        vec![vec![1]],
        vec![vec![1, 128]],
        vec![vec![1, 2], vec![1, 2]],
    ] {
        assert!(matches!(with(bad), Err(Error::Input { .. })));
    }
}

#[test]
fn a_pending_request_outlives_its_process() {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("request");
    scene.request.save(&path).unwrap();
    let loaded = PendingRequest::load(&path).unwrap();
    assert_eq!(loaded.binding(), scene.request.binding());
    assert_eq!(loaded.inputs(), scene.request.inputs());
    assert_eq!(text(loaded.open(&scene.manifest, &scene.answer).unwrap()), "text");
    assert!(matches!(scene.request.save(&path), Err(Error::Exists { .. })));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            PendingRequest::load(&path),
            Err(Error::Permissions { .. })
        ));
    }
}

#[test]
fn private_inputs_cannot_be_published() {
    let keys = ProviderKeys::generate().unwrap();
    let mut body = Scene::new().manifest.body().clone();
    body.visibility.inputs = TensorVisibility::Private;
    assert!(matches!(
        SignedManifest::sign(body, &keys),
        Err(Error::Unsuitable { .. })
    ));
}

#[test]
fn two_requests_of_one_input_have_nothing_in_common() {
    let scene = Scene::new();
    let other = PendingRequest::new(&scene.manifest, asked()).unwrap();
    assert_ne!(scene.request.header().request_id, other.header().request_id);
    assert_ne!(scene.request.salts(), other.salts());
    let parts = |request: &PendingRequest| {
        let json: Value = serde_json::from_slice(&request.envelope().to_json().unwrap()).unwrap();
        ["encapsulated_key", "ciphertext"].map(|field| json[field].as_str().unwrap().to_owned())
    };
    let (a, b) = (parts(&scene.request), parts(&other));
    assert!(a[0] != b[0] && a[1] != b[1]);
}

proptest! {
    #[test]
    fn no_json_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = SealedRequest::from_json(&bytes);
        let _ = SealedAnswer::from_json(&bytes);
        let _ = SignedManifest::from_json(&bytes);
    }

    #[test]
    fn sealed_integers_come_back(values in prop::collection::vec(any::<i64>(), 0..50), seed: [u8; 32]) {
        let keys = ProviderKeys::generate().unwrap();
        let manifest = manifest(&keys, "a");
        let asked = Asked { inputs: vec![values.clone()], ..asked() };
        let request = PendingRequest::unchecked(&manifest, asked, Vec::new(), RequestId::from(seed)).unwrap();
        let open = request.envelope().open(keys.sealing()).unwrap();
        prop_assert_eq!(&open.inputs[0], &values);
        prop_assert_eq!(open.reply_key, request.envelope().open(keys.sealing()).unwrap().reply_key);
    }
}
