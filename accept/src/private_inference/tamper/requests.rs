//! Requests, as a service receives them.

use super::json::{flipped, with};
use super::matrix::{Case, Matrix};
use super::scene::Scene;
use crate::private_inference::processes::Served;
use crate::report::Figure;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use zkml_network::{Engine, PendingRequest, Problem, ProviderKeys, SignedManifest, unix_now};

/// Posts them all.
pub fn figure(zkml: &Path, scene: &Scene) -> Result<Figure> {
    let service = Served::start(zkml, &scene.site, &scene.offer, 0)?;
    let post = |body: Vec<u8>| post(&service.url, body);
    let good: Value = serde_json::from_slice(&scene.request.envelope().to_json()?)?;
    let expiry = good["expiry"].as_u64().context("a request without an expiry")?;
    let address = format!("0x{}", "ab".repeat(20));
    let mut matrix = Matrix::default();
    let mut case = |name: &str, expected: &'static str, body: Vec<u8>| -> Result<()> {
        let found = post(body)?;
        matrix.0.push(Case {
            name: name.to_owned(),
            expected: vec![expected],
            found,
        });
        Ok(())
    };
    case("version", "version", with(&good, "version", 1))?;
    case(
        "request id",
        "cannot-open",
        with(&good, "request_id", flipped(&good["request_id"])),
    )?;
    case(
        "model",
        "unknown-model",
        with(&good, "model", flipped(&good["model"])),
    )?;
    case("expiry", "cannot-open", with(&good, "expiry", expiry - 1))?;
    case(
        "expiry in the past",
        "expired",
        with(&good, "expiry", unix_now() - 1),
    )?;
    case(
        "expiry in a year",
        "expiry-too-far",
        with(&good, "expiry", expiry + 31_536_000),
    )?;
    case(
        "EVM account and registry",
        "cannot-open",
        with(
            &good,
            "evm",
            json!({ "account": address, "chain": 1, "registry": address }),
        ),
    )?;
    case(
        "encapsulated key",
        "cannot-open",
        with(&good, "encapsulated_key", flipped(&good["encapsulated_key"])),
    )?;
    case(
        "ciphertext",
        "cannot-open",
        with(&good, "ciphertext", flipped(&good["ciphertext"])),
    )?;
    case("an unknown field", "malformed", with(&good, "more", 1))?;
    case(
        "cut short",
        "malformed",
        good.to_string().into_bytes()[..200].to_vec(),
    )?;
    case("too long", "too-large", vec![b' '; 17 << 20])?;
    // Replayed to another model of this provider, to another provider's model, to another id.
    let manifest = scene.other.prover.manifest();
    let theirs = PendingRequest::new(manifest, scene.other.asked_in_range(0)?)?;
    let json: Value = serde_json::from_slice(&theirs.envelope().to_json()?)?;
    case(
        "to another model",
        "cannot-open",
        with(&json, "model", good["model"].clone()),
    )?;
    let stranger = SignedManifest::sign(manifest.body().clone(), &ProviderKeys::generate()?)?;
    let theirs = PendingRequest::new(&stranger, scene.other.asked_in_range(0)?)?;
    let json: Value = serde_json::from_slice(&theirs.envelope().to_json()?)?;
    case(
        "to another provider",
        "unknown-model",
        json.to_string().into_bytes(),
    )?;
    case(
        "to another provider's model",
        "cannot-open",
        with(&json, "model", good["model"].clone()),
    )?;
    ensure!(
        post(good.to_string().into_bytes())?.is_ok(),
        "the good request is refused"
    );
    let taken = PendingRequest::unchecked(
        scene.offer.prover.manifest(),
        scene.offer.asked_in_range(3)?,
        scene.second.salts().to_vec(),
        scene.request.header().request_id,
    )?;
    case(
        "another request under the same id",
        "id-taken",
        taken.envelope().to_json()?,
    )?;
    ensure!(
        post(good.to_string().into_bytes())?.is_ok(),
        "the same request again is refused"
    );
    Ok(matrix.figure())
}

/// Posts a request: the code of the problem, if there is one.
fn post(url: &str, body: Vec<u8>) -> Result<Result<(), String>> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let url = format!("{url}/v1/requests");
    let mut response = agent
        .post(&url)
        .content_type("application/json")
        .send(&body[..])?;
    if response.status().is_success() {
        return Ok(Ok(()));
    }
    let problem: Problem = serde_json::from_slice(&response.body_mut().read_to_vec()?)?;
    Ok(Err(problem.code))
}
