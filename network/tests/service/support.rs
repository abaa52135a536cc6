//! Asking a service, politely and not.

use crate::common::engine::Fake;
use crate::common::provider::{Provider, asked};
use serde_json::Value;
use std::time::Duration;
use zkml_network::{
    Client, Error, Outcome, PendingRequest, Problem, ProviderKeys, ServiceOptions, SignedManifest,
};

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A queue's file that lives as long as the test.
pub struct Database(pub tempfile::TempDir);

impl Database {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.0.path().join("queue.db").display())
    }
}

pub async fn provider(database: &Database, workers: usize) -> Provider {
    let keys = ProviderKeys::generate().unwrap();
    Provider::start(
        &database.url(),
        keys,
        Fake::quick,
        workers,
        ServiceOptions::default(),
    )
    .await
}

pub fn pending(manifest: &SignedManifest) -> PendingRequest {
    PendingRequest::new(manifest, asked([1, 2, 3])).unwrap()
}

/// Runs blocking code beside the service.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Submits a request and opens its answer.
pub async fn ask(url: &str, manifest: &SignedManifest, request: PendingRequest) -> Result<String, Error> {
    let (client, manifest) = (Client::new(url, PATIENCE), manifest.clone());
    blocking(move || {
        client.submit(&request)?;
        let answer = client.wait(&request.header().request_id, PATIENCE, |_| Ok(()))?;
        match request.open(&manifest, &answer)? {
            Outcome::Refusal(refusal) => Ok(refusal.to_string()),
            Outcome::Answer(_) => panic!("a fake proves nothing"),
        }
    })
    .await
}

/// One exchange: status, `Retry-After`, body.
pub async fn raw(method: &'static str, url: String, body: Vec<u8>) -> (u16, Option<String>, Vec<u8>) {
    blocking(move || {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .body(body)
            .unwrap();
        let mut response = agent.run(request).unwrap();
        let retry = response
            .headers()
            .get("retry-after")
            .map(|v| v.to_str().unwrap().to_owned());
        (
            response.status().as_u16(),
            retry,
            response.body_mut().read_to_vec().unwrap(),
        )
    })
    .await
}

/// Posts a request and returns the status, and the code of the problem.
pub async fn post(url: &str, body: impl Into<Vec<u8>>) -> (u16, String) {
    let (status, _, body) = raw("POST", format!("{url}/v1/requests"), body.into()).await;
    let value: Value = serde_json::from_slice(&body).unwrap();
    let code = value.get("code").map_or("", |code| code.as_str().unwrap());
    if !code.is_empty() {
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.status, status);
    }
    (status, code.to_owned())
}

pub fn json(request: &PendingRequest) -> Value {
    serde_json::from_slice(&request.envelope().to_json().unwrap()).unwrap()
}

pub async fn metrics(url: &str) -> String {
    String::from_utf8(raw("GET", format!("{url}/metrics"), Vec::new()).await.2).unwrap()
}
