//! Who is admitted, and what errors say.

use crate::common::engine::Fake;
use crate::common::provider::{Provider, asked, manifest};
use crate::support::{Database, ask, json, metrics, pending, post, provider, raw};
use serde_json::{Value, json};
use zkml_network::{PendingRequest, Problem, ProviderKeys, RequestId, Salt, ServiceOptions, unix_now};

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_field_of_a_request_is_refused_with_its_reason() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    let url = &provider.url;
    let request = pending(&provider.manifest);
    let good = json(&request);
    let with = |field: &str, value: Value| {
        let mut json = good.clone();
        json[field] = value;
        json.to_string()
    };
    let flipped = |field: &str| {
        let text = good[field].as_str().unwrap();
        let first = if text.starts_with('0') { "1" } else { "0" };
        with(field, format!("{first}{}", &text[1..]).into())
    };
    let expiry = good["expiry"].as_u64().unwrap();
    let address = format!("0x{}", "ab".repeat(20));
    let recipient = |chain: u64| json!({ "account": address, "chain": chain, "registry": address });
    let cases: Vec<(String, u16, &str)> = vec![
        (with("version", 3.into()), 400, "version"),
        (
            with("identity", "00".repeat(32).into()),
            403,
            "bad-identity-signature",
        ),
        (with("signature", "00".repeat(64).into()), 400, "malformed"),
        (flipped("request_id"), 422, "cannot-open"),
        (flipped("model"), 404, "unknown-model"),
        (with("expiry", (expiry - 1).into()), 422, "cannot-open"),
        (with("expiry", (unix_now() - 1).into()), 422, "expired"),
        (with("expiry", 0.into()), 422, "expired"),
        (with("expiry", u64::MAX.into()), 422, "expiry-too-far"),
        (with("evm", recipient(1)), 422, "cannot-open"),
        (with("evm", recipient(0)), 400, "malformed"),
        (with("evm", json!({ "chain": 1 })), 400, "malformed"),
        (with("evm", "0x12".into()), 400, "malformed"),
        (flipped("encapsulated_key"), 422, "cannot-open"),
        (
            with("encapsulated_key", "00".repeat(32).into()),
            422,
            "cannot-open",
        ),
        (flipped("ciphertext"), 422, "cannot-open"),
        (with("ciphertext", "".into()), 400, "malformed"),
        (with("ciphertext", "no base64!".into()), 400, "malformed"),
        (with("more", 1.into()), 400, "malformed"),
        (good.to_string()[..100].to_owned(), 400, "malformed"),
        (String::new(), 400, "malformed"),
        ("[[[[".repeat(100), 400, "malformed"),
    ];
    for (body, status, code) in &cases {
        assert_eq!(
            post(url, body.clone()).await,
            (*status, (*code).to_owned()),
            "{body}"
        );
    }
    let text = metrics(url).await;
    for code in [
        "version",
        "cannot-open",
        "unknown-model",
        "expired",
        "expiry-too-far",
        "malformed",
    ] {
        assert!(
            text.contains(&format!("zkml_submissions_total{{outcome=\"{code}\"}}")),
            "{code}"
        );
    }
    // None of it had an effect on the real one.
    assert_eq!(post(url, good.to_string()).await.0, 202);
    assert_eq!(post(url, good.to_string()).await.0, 200);
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_another_model_or_provider_are_refused() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    // The header names a model of this provider, the content is sealed for another one.
    let other = manifest(&provider.keys, "other");
    let mut json = json(&pending(&other));
    json["model"] = provider.manifest.digest().to_string().into();
    assert_eq!(
        post(&provider.url, json.to_string()).await,
        (422, "cannot-open".to_owned())
    );

    let stranger = ProviderKeys::generate().unwrap();
    let theirs = pending(&manifest(&stranger, "test"));
    let body = theirs.envelope().to_json().unwrap();
    assert_eq!(
        post(&provider.url, body.clone()).await,
        (404, "unknown-model".to_owned())
    );
    let mut json: Value = serde_json::from_slice(&body).unwrap();
    json["model"] = provider.manifest.digest().to_string().into();
    assert_eq!(
        post(&provider.url, json.to_string()).await,
        (422, "cannot-open".to_owned())
    );
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_salt_belongs_to_hashed_inputs() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    let id = RequestId::random().unwrap();
    let unsalted = PendingRequest::unchecked(&provider.manifest, asked([1, 2, 3]), Vec::new(), id).unwrap();
    let body = unsalted.envelope().to_json().unwrap();
    assert_eq!(post(&provider.url, body).await, (400, "malformed".to_owned()));
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_the_size_that_the_models_inputs_take() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    let sealed = |inputs: Vec<Vec<i64>>| {
        let mut asked = asked([1, 2, 3]);
        asked.inputs = inputs;
        let id = RequestId::random().unwrap();
        let request = PendingRequest::unchecked(&provider.manifest, asked, vec![Salt::random()], id).unwrap();
        request.envelope().to_json().unwrap()
    };
    for inputs in [
        vec![vec![0; 2]],
        vec![vec![0; 4]],
        vec![],
        vec![vec![0; 3], vec![]],
    ] {
        let answer = post(&provider.url, sealed(inputs)).await;
        assert_eq!(answer, (400, "malformed".to_owned()));
    }
    // A client that is still writing hears it, too.
    for inputs in [vec![vec![0; 1 << 10]], vec![vec![0; 1 << 20]]] {
        let answer = post(&provider.url, sealed(inputs)).await;
        assert_eq!(answer, (413, "too-large".to_owned()));
    }
    assert_eq!(post(&provider.url, sealed(vec![vec![0; 3]])).await.0, 202);
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_taken_once() {
    let database = Database::new();
    let provider = provider(&database, 1).await;
    let first = pending(&provider.manifest);
    let salt = vec![Salt::random()];
    let id = first.header().request_id;
    let second = PendingRequest::unchecked(&provider.manifest, asked([4, 5, 6]), salt, id).unwrap();
    assert_eq!(
        post(&provider.url, first.envelope().to_json().unwrap()).await.0,
        202
    );
    let body = second.envelope().to_json().unwrap();
    assert_eq!(
        post(&provider.url, body.clone()).await,
        (409, "id-taken".to_owned())
    );
    assert_eq!(ask(&provider.url, &provider.manifest, first).await.unwrap(), "6");
    assert_eq!(post(&provider.url, body).await, (409, "id-taken".to_owned()));
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_named_and_say_when_to_come_back() {
    let database = Database::new();
    let options = ServiceOptions {
        max_open: 2,
        per_minute: 5,
        ..ServiceOptions::default()
    };
    let keys = ProviderKeys::generate().unwrap();
    let provider = Provider::start(&database.url(), keys, Fake::quick, 0, options).await;
    let url = format!("{}/v1/requests", provider.url);
    let body = || pending(&provider.manifest).envelope().to_json().unwrap();
    // Bodies that say that they are oversized are not even counted: they are not read.
    for _ in 0..10 {
        assert_eq!(
            post(&provider.url, vec![b' '; 5000]).await,
            (413, "too-large".to_owned())
        );
    }
    assert_eq!(post(&provider.url, body()).await.0, 202);
    assert_eq!(post(&provider.url, body()).await.0, 202);
    let (status, retry, _) = raw("POST", url.clone(), body()).await;
    assert_eq!((status, retry.is_some()), (503, true));
    assert_eq!(post(&provider.url, body()).await, (503, "queue-full".to_owned()));
    assert_eq!(post(&provider.url, body()).await.0, 503);
    let (status, retry, _) = raw("POST", url, body()).await;
    assert_eq!(status, 429);
    assert!((1..=13).contains(&retry.unwrap().parse::<u64>().unwrap()));
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn states_and_paths_that_are_none_are_problems() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    let request = pending(&provider.manifest);
    let id = request.header().request_id;
    let get = async |path: String| {
        let (status, _, body) = raw("GET", format!("{}{path}", provider.url), Vec::new()).await;
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        (status, problem.code)
    };
    assert_eq!(
        get(format!("/v1/requests/{id}")).await,
        (404, "unknown-request".into())
    );
    assert_eq!(
        get(format!("/v1/requests/{id}/answer")).await,
        (404, "unknown-request".into())
    );
    assert_eq!(get("/v1/requests/12".into()).await, (400, "malformed".into()));
    assert_eq!(
        get(format!("/v1/models/{id}")).await,
        (404, "unknown-model".into())
    );
    assert_eq!(get("/v1/models/x/key".into()).await, (400, "malformed".into()));
    assert_eq!(get("/v2".into()).await, (404, "not-found".into()));
    // What is no text, or no number, is answered in the same form.
    for path in [
        "requests/%ff",
        "requests/%ff/answer",
        "models/%ff",
        "models/%ff/key",
    ] {
        assert_eq!(
            get(format!("/v1/{path}")).await,
            (400, "malformed".into()),
            "{path}"
        );
    }
    for wait in ["abc", "-1", "1.5", "99999999999999999999"] {
        let path = format!("/v1/requests/{id}?wait={wait}");
        assert_eq!(get(path).await, (400, "malformed".into()), "{wait}");
    }
    let (status, _, _) = raw("POST", format!("{}/v1/models", provider.url), Vec::new()).await;
    assert_eq!(status, 405);
    assert_eq!(
        post(&provider.url, request.envelope().to_json().unwrap()).await.0,
        202
    );
    assert_eq!(
        get(format!("/v1/requests/{id}/answer")).await,
        (409, "not-answered".into())
    );
    let (status, _, body) = raw("GET", format!("{}/v1/health", provider.url), Vec::new()).await;
    let health: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, health["open"].as_u64()), (200, Some(1)));
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_has_every_path() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    let (status, _, body) = raw("GET", format!("{}/openapi.json", provider.url), Vec::new()).await;
    assert_eq!(status, 200);
    let document: Value = serde_json::from_slice(&body).unwrap();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/metrics",
            "/v1/health",
            "/v1/models",
            "/v1/models/{digest}",
            "/v1/models/{digest}/circuit",
            "/v1/models/{digest}/key",
            "/v1/models/{digest}/srs",
            "/v1/requests",
            "/v1/requests/{id}",
            "/v1/requests/{id}/answer",
        ]
    );
    let responses = document["paths"]["/v1/requests"]["post"]["responses"]
        .as_object()
        .unwrap();
    for status in ["202", "200", "400", "404", "409", "413", "422", "429", "503"] {
        assert!(responses.contains_key(status), "{status}");
    }
    provider.stop().await;
}
