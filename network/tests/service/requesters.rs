//! Services that answer known requesters alone, and each so often.

use crate::common::engine::Fake;
use crate::common::provider::{Provider, asked};
use crate::support::{Database, ask, json, post, raw};
use zkml_network::{
    Asked, Error, Identity, PendingRequest, Problem, ProviderKeys, Requesters, ServiceOptions, SignedManifest,
};

fn by(identity: Option<&Identity>, manifest: &SignedManifest) -> PendingRequest {
    let asked = Asked {
        identity: identity.cloned(),
        ..asked([1, 2, 3])
    };
    PendingRequest::new(manifest, asked).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn known_requesters_are_answered_until_their_budget_is_spent() {
    let database = Database::new();
    let [known, other, stranger] = [(); 3].map(|()| Identity::generate().unwrap());
    let list = format!("{} 2/day\n{} 1/total\n", known.key(), other.key());
    let options = || ServiceOptions {
        requesters: Some(Requesters::parse(&list).unwrap()),
        ..ServiceOptions::default()
    };
    let keys = ProviderKeys::generate().unwrap();
    let database_url = database.url();
    let start = || Provider::start(&database_url, keys.clone(), Fake::quick, 1, options());
    let provider = start().await;
    let (url, manifest) = (provider.url.clone(), provider.manifest.clone());

    let refused = |request: &PendingRequest| post(&url, json(request).to_string());
    assert_eq!(
        refused(&by(None, &manifest)).await,
        (403, "unknown-requester".to_owned())
    );
    assert_eq!(
        refused(&by(Some(&stranger), &manifest)).await,
        (403, "unknown-requester".to_owned())
    );
    // The name of a known one, and the signature of another, of another request, or none.
    let mut forged = json(&by(Some(&known), &manifest));
    for signature in [
        json(&by(Some(&stranger), &manifest))["signature"].clone(),
        json(&by(Some(&known), &manifest))["signature"].clone(),
        serde_json::Value::Null,
    ] {
        forged["signature"] = signature;
        assert_eq!(
            post(&url, forged.to_string()).await,
            (403, "bad-identity-signature".to_owned())
        );
    }
    // A signed request cannot be made another requester's.
    let mut stolen = json(&by(Some(&known), &manifest));
    stolen["identity"] = other.key().to_string().into();
    assert_eq!(post(&url, stolen.to_string()).await.0, 403);
    let mut anonymous = json(&by(Some(&known), &manifest));
    anonymous["identity"] = serde_json::Value::Null;
    assert_eq!(
        post(&url, anonymous.to_string()).await,
        (400, "malformed".to_owned())
    );

    let first = by(Some(&known), &manifest);
    let again = json(&first).to_string();
    assert_eq!(ask(&url, &manifest, first).await.unwrap(), "6");
    assert_eq!(
        ask(&url, &manifest, by(Some(&other), &manifest)).await.unwrap(),
        "6"
    );
    provider.stop().await;

    // A restart forgets nothing, and what was accepted can be submitted again without being counted.
    let provider = start().await;
    let (url, manifest) = (provider.url.clone(), provider.manifest.clone());
    assert_eq!(post(&url, again).await.0, 200);
    assert_eq!(
        ask(&url, &manifest, by(Some(&known), &manifest)).await.unwrap(),
        "6"
    );
    let body = json(&by(Some(&known), &manifest)).to_string().into_bytes();
    let (status, retry_after, body) = raw("POST", format!("{url}/v1/requests"), body).await;
    let problem: Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, problem.code.as_str()), (429, "budget-spent"));
    assert_eq!(retry_after, problem.retry_after.map(|s| s.to_string()));
    assert!((86_000..=86_400).contains(&problem.retry_after.unwrap()));
    assert!(problem.detail.contains("2 in each day"), "{}", problem.detail);
    // Who has no more answers at all hears so at once.
    match ask(&url, &manifest, by(Some(&other), &manifest)).await {
        Err(Error::Remote {
            status: 403, code, ..
        }) => assert_eq!(code, "budget-spent"),
        found => panic!("expected a budget that is spent, found {found:?}"),
    }
    provider.stop().await;
}
