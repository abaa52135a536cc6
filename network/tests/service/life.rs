//! What becomes of requests when things go well, and when they do not.

use crate::common::engine::{Fake, sum};
use crate::common::provider::{Provider, asked, until};
use crate::support::{Database, PATIENCE, ask, blocking, metrics, pending, post, provider};
use std::time::Duration;
use zkml_network::{
    Asked, Client, Error, OpenRequest, PendingRequest, ProviderKeys, ServiceOptions, State, unix_now,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_under_seal() {
    let database = Database::new();
    let provider = provider(&database, 1).await;
    let request = pending(&provider.manifest);
    assert_eq!(
        ask(&provider.url, &provider.manifest, request).await.unwrap(),
        "6"
    );
    let url = provider.url.clone();
    let digest = *provider.manifest.digest();
    let (models, manifest) = blocking(move || {
        let client = Client::new(&url, PATIENCE);
        (client.models().unwrap(), client.manifest(&digest).unwrap())
    })
    .await;
    assert_eq!(models.models[0].digest, digest.to_string());
    assert_eq!(manifest, provider.manifest);
    assert!(
        metrics(&provider.url)
            .await
            .contains("zkml_work_total{outcome=\"stored\"} 1")
    );
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_request_fails_alone() {
    let database = Database::new();
    let behaviour = |request: &OpenRequest, attempt: u32| match request.inputs[0][0] {
        // What a model says of an input that it does not take.
        1 => Ok("input x: expected less".to_owned()),
        2 => Err(Error::Service {
            action: "prove",
            reason: "secret reason".to_owned(),
        }),
        3 => panic!("a bug"),
        4 if attempt < 3 => Err(Error::Service {
            action: "prove",
            reason: "no luck".to_owned(),
        }),
        _ => Ok(sum(request)),
    };
    let keys = ProviderKeys::generate().unwrap();
    let provider = Provider::start(
        &database.url(),
        keys,
        |manifest| Fake::new(manifest, Duration::ZERO, behaviour),
        2,
        ServiceOptions::default(),
    )
    .await;
    let (url, manifest) = (&provider.url, &provider.manifest);
    let asked_for = |first| PendingRequest::new(manifest, asked([first, 0, 7])).unwrap();
    let requests = [1, 2, 3, 4, 5].map(asked_for);
    let ids = [1, 2].map(|i: usize| requests[i].header().request_id);
    let mut results = Vec::new();
    for request in requests {
        results.push(ask(url, manifest, request).await);
    }
    assert_eq!(results[0].as_ref().unwrap(), "input x: expected less");
    for (i, id) in [1, 2].into_iter().zip(ids) {
        let error = results[i].as_ref().unwrap_err();
        assert!(matches!(error, Error::Abandoned { .. }), "{error}");
        assert!(!error.to_string().contains("secret reason"));
        assert_eq!(provider.engine.begun()[&id], 3);
    }
    assert_eq!(results[3].as_ref().unwrap(), "11");
    assert_eq!(results[4].as_ref().unwrap(), "12");
    assert!(
        metrics(url)
            .await
            .contains("zkml_work_total{outcome=\"failed\"} 8")
    );
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_loses_nothing_and_doubles_nothing() {
    let database = Database::new();
    let keys = ProviderKeys::generate().unwrap();
    let slow = |manifest| Fake::new(manifest, Duration::from_millis(50), |request, _| Ok(sum(request)));
    let url = database.url();
    let start = || Provider::start(&url, keys.clone(), slow, 2, ServiceOptions::default());
    let provider = start().await;
    let manifest = provider.manifest.clone();
    let requests: Vec<PendingRequest> = (0..20)
        .map(|i| PendingRequest::new(&manifest, asked([i, 0, 0])).unwrap())
        .collect();
    for request in &requests {
        assert_eq!(
            post(&provider.url, request.envelope().to_json().unwrap()).await.0,
            202
        );
    }
    let queue = provider.queue.clone();
    until("some answers", || async {
        let counts = queue.counts().await.unwrap();
        counts
            .iter()
            .any(|(state, count)| *state == State::Answered && *count >= 4)
    })
    .await;
    provider.crash();
    let provider = start().await;
    for (i, request) in requests.into_iter().enumerate() {
        let id = request.header().request_id;
        let before = provider.queue.answer(&id).await.ok();
        let answer = ask(&provider.url, &manifest, request).await.unwrap();
        assert_eq!(answer, i.to_string());
        let after = provider.queue.answer(&id).await.unwrap();
        assert!(before.is_none_or(|before| before == after));
    }
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_worker_finishes_its_work() {
    let database = Database::new();
    let keys = ProviderKeys::generate().unwrap();
    let slow = |manifest| Fake::new(manifest, Duration::from_millis(700), |_, _| Ok("done".to_owned()));
    let provider = Provider::start(&database.url(), keys, slow, 1, ServiceOptions::default()).await;
    let [first, second] = [(); 2].map(|()| pending(&provider.manifest));
    for request in [&first, &second] {
        post(&provider.url, request.envelope().to_json().unwrap()).await;
    }
    let queue = provider.queue.clone();
    let id = first.header().request_id;
    until("the work", || async {
        queue.status(&id).await.unwrap().state == State::Running
    })
    .await;
    provider.stop().await;
    assert_eq!(queue.status(&id).await.unwrap().state, State::Answered);
    let left = queue.status(&second.header().request_id).await.unwrap();
    assert_eq!((left.state, left.attempts), (State::Queued, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_longer_than_a_lease_is_done_once() {
    let database = Database::new();
    let keys = ProviderKeys::generate().unwrap();
    // The lease of the tests is 2 s.
    let slow = |manifest| Fake::new(manifest, Duration::from_secs(5), |_, _| Ok("done".to_owned()));
    let provider = Provider::start(&database.url(), keys, slow, 2, ServiceOptions::default()).await;
    let request = pending(&provider.manifest);
    let id = request.header().request_id;
    assert_eq!(
        ask(&provider.url, &provider.manifest, request).await.unwrap(),
        "done"
    );
    assert_eq!(provider.engine.begun()[&id], 1);
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_request_is_not_worked_on() {
    let database = Database::new();
    let provider = provider(&database, 0).await;
    let soon = Asked {
        expiry: unix_now() + 2,
        ..asked([1, 2, 3])
    };
    let request = PendingRequest::new(&provider.manifest, soon).unwrap();
    let body = request.envelope().to_json().unwrap();
    assert_eq!(post(&provider.url, body.clone()).await.0, 202);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(post(&provider.url, body).await, (422, "expired".to_owned()));
    provider.queue.tidy(Duration::from_secs(60)).await.unwrap();
    let error = ask(&provider.url, &provider.manifest, request).await.unwrap_err();
    assert!(matches!(error, Error::Expired { .. }), "{error}");
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_outlasts_a_restart() {
    let database = Database::new();
    let keys = ProviderKeys::generate().unwrap();
    let provider = Provider::start(
        &database.url(),
        keys.clone(),
        Fake::quick,
        0,
        ServiceOptions::default(),
    )
    .await;
    let manifest = provider.manifest.clone();
    let address = provider.url.clone();
    let request = pending(&manifest);
    let waiting = tokio::spawn({
        let (address, manifest) = (address.clone(), manifest.clone());
        async move { ask(&address, &manifest, request).await }
    });
    let queue = provider.queue.clone();
    until("the request", || async {
        !queue.counts().await.unwrap().is_empty()
    })
    .await;
    provider.crash();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let provider = Provider::start_at(
        &address,
        &database.url(),
        keys,
        Fake::quick,
        1,
        ServiceOptions::default(),
    )
    .await;
    assert_eq!(waiting.await.unwrap().unwrap(), "6");
    provider.stop().await;
}
