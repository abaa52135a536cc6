//! The routes' handlers.

use super::models::Hosted;
use super::schema::{AnswerBody, RequestBody};
use super::state::Service;
use crate::queue::Submitted;
use crate::wire::{Health, ModelEntry, ModelList, Problem, RequestStatus};
use crate::{Error, RequestId, State as RequestState};
use axum::Json;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;
use zkml::Digest;

/// Longest time that a client may wait for a request's end, in seconds.
const LONGEST_WAIT: u64 = 30;
/// How often the state is looked at meanwhile: workers in other processes do not tell.
const LOOK: Duration = Duration::from_millis(100);

const JSON: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];
const BYTES: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/octet-stream")];
const OPENMETRICS: [(header::HeaderName, &str); 1] = [(
    header::CONTENT_TYPE,
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
)];

/// The published models.
#[utoipa::path(get, path = "/v1/models", tag = "models", responses(
    (status = 200, description = "The models", body = ModelList),
))]
pub(super) async fn models(State(service): State<Service>) -> Json<ModelList> {
    let entry = |hosted: &Hosted| ModelEntry {
        digest: hosted.manifest.digest().to_string(),
        name: hosted.manifest.body().name.clone(),
        provider: hosted.manifest.body().provider.to_string(),
    };
    Json(ModelList {
        models: service.0.models.all().map(entry).collect(),
    })
}

/// A model's manifest, byte for byte as the provider signed it.
#[utoipa::path(get, path = "/v1/models/{digest}", tag = "models",
    params(("digest" = String, Path, description = "Digest of the manifest: 64 hex digits")),
    responses(
        (status = 200, description = "The manifest", body = Vec<u8>, content_type = "application/json"),
        (status = 400, description = "No digest", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such model", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn manifest(
    State(service): State<Service>,
    digest: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    file(&service, digest, JSON, |hosted| hosted.manifest_json.clone())
}

/// A model's verifying key.
#[utoipa::path(get, path = "/v1/models/{digest}/key", tag = "models",
    params(("digest" = String, Path, description = "Digest of the manifest: 64 hex digits")),
    responses(
        (status = 200, description = "The verifying key", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, description = "No digest", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such model", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn key(
    State(service): State<Service>,
    digest: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    file(&service, digest, BYTES, |hosted| hosted.key.clone())
}

/// A model's circuit: what its verifying key is made of, without hidden weights.
#[utoipa::path(get, path = "/v1/models/{digest}/circuit", tag = "models",
    params(("digest" = String, Path, description = "Digest of the manifest: 64 hex digits")),
    responses(
        (status = 200, description = "The circuit file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, description = "No digest", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such model", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn circuit(
    State(service): State<Service>,
    digest: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    file(&service, digest, BYTES, |hosted| hosted.circuit.clone())
}

/// The SRS of a model's keys, as halo2's raw parameters: a client that checks the key checks the SRS too.
#[utoipa::path(get, path = "/v1/models/{digest}/srs", tag = "models",
    params(("digest" = String, Path, description = "Digest of the manifest: 64 hex digits")),
    responses(
        (status = 200, description = "The SRS", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, description = "No digest", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such model, or its SRS is too large to be sent", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this client", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn srs(
    State(service): State<Service>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    digest: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    let digest = parse_digest(digest)?;
    let hosted = service.0.models.get(&digest)?;
    // It is the longest answer that needs no request.
    service.0.limits.check(client.ip())?;
    let srs = hosted.srs.clone().ok_or(Error::SrsNotSent { model: digest })?;
    Ok((BYTES, srs).into_response())
}

/// Submits a sealed request. The same one again is the same request: submitting is safe to repeat.
#[utoipa::path(post, path = "/v1/requests", tag = "requests", request_body = RequestBody, responses(
    (status = 202, description = "Accepted: the request is on disk", body = RequestStatus),
    (status = 200, description = "Accepted before", body = RequestStatus),
    (status = 400, description = "Malformed, or of another version", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "Not a requester that this provider answers, or its answers are used up", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such model", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "The request did not arrive in time", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Another request has this id", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Expired, expires too late, or cannot be opened", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many requests of this client, or of this requester for now", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The queue is full, or does not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn submit(
    State(service): State<Service>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RequestStatus>), Error> {
    let result = accept(&service, client, &headers, body).await;
    service.0.metrics.submission(match &result {
        Ok((StatusCode::ACCEPTED, _)) => "accepted",
        Ok(_) => "known",
        Err(error) => error.code(),
    });
    result
}

async fn accept(
    service: &Service,
    client: SocketAddr,
    headers: &HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RequestStatus>), Error> {
    if let Err(error) = check_stated_length(service, headers) {
        discard(service, body).await;
        return Err(error);
    }
    service.0.limits.check(client.ip())?;
    // The memory is given back when the request is on disk.
    let _room = service.0.limits.room(service.0.max_body)?;
    let body = read(service, body).await?;
    let (request, submitted) = service.0.admit(&body).await?;
    let request_id = request.header.request_id.to_string();
    tracing::info!(request = %request_id, known = submitted != Submitted::Accepted, "accepted a request");
    let (status, state) = match submitted {
        Submitted::Accepted => (StatusCode::ACCEPTED, RequestState::Queued),
        Submitted::Known(state) => (StatusCode::OK, state),
    };
    let status_body = RequestStatus {
        request_id,
        state,
        attempts: 0,
        reason: None,
        milliseconds: None,
    };
    Ok((status, Json(status_body)))
}

/// What is wrong with a request that is longer than any that the service takes.
fn too_large(service: &Service, found: u64) -> Error {
    Error::TooLarge {
        what: "request",
        limit: service.0.max_body as u64,
        found,
    }
}

/// Refuses a body by the length that its head states: nothing of it is read.
fn check_stated_length(service: &Service, headers: &HeaderMap) -> Result<(), Error> {
    let stated = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match stated {
        Some(stated) if stated > service.0.max_body as u64 => Err(too_large(service, stated)),
        _ => Ok(()),
    }
}

/// Lets a refused body run out, within limits of length and time: a client hears the answer only when it has
/// written what it has to say.
async fn discard(service: &Service, mut body: Body) {
    let options = &service.0.options;
    let mut left = options.max_body.saturating_mul(2);
    let run_out = async {
        while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let length = frame.data_ref().map_or(0, |data| data.len());
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // A client that takes longer is cut off.
    let _ = tokio::time::timeout(options.body_timeout, run_out).await;
}

/// Reads a body within the limits of length and time.
async fn read(service: &Service, body: Body) -> Result<Vec<u8>, Error> {
    let limit = service.0.max_body;
    let timeout = service.0.options.body_timeout;
    let bytes = tokio::time::timeout(timeout, to_bytes(body, limit.saturating_add(1)))
        .await
        .map_err(|_| Error::TimedOut {
            seconds: timeout.as_secs(),
        })?
        // Longer than the limit, or broken off: only the first is worth a name.
        .map_err(|_| too_large(service, limit as u64 + 1))?;
    match bytes.len() > limit {
        true => Err(too_large(service, bytes.len() as u64)),
        false => Ok(bytes.to_vec()),
    }
}

/// How long to wait.
#[derive(Deserialize)]
pub(super) struct Wait {
    /// Seconds to wait for the request's end.
    #[serde(default)]
    wait: u64,
}

/// Where a request is in its life.
#[utoipa::path(get, path = "/v1/requests/{id}", tag = "requests",
    params(
        ("id" = String, Path, description = "The request: 64 hex digits"),
        ("wait" = Option<u64>, Query, description = "Seconds to wait for its end, 30 at most; a service with many who wait answers at once"),
    ),
    responses(
        (status = 200, description = "Its state", body = RequestStatus),
        (status = 400, description = "No id", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such request", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn status(
    State(service): State<Service>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    id: Result<Path<String>, PathRejection>,
    wait: Result<Query<Wait>, QueryRejection>,
) -> Result<Json<RequestStatus>, Error> {
    let id = parse_id(id)?;
    let Query(wait) = wait.map_err(|rejection| Error::malformed("query", rejection.body_text()))?;
    let seat = service.0.limits.wait(client.ip());
    let wait = seat.as_ref().map_or(0, |_| wait.wait.min(LONGEST_WAIT));
    let end = tokio::time::Instant::now() + Duration::from_secs(wait);
    // From before the first look: nothing ends unnoticed in between.
    let mut endings = service.0.queue.endings();
    loop {
        let status = service.0.queue.status(&id).await?;
        let waits = tokio::time::Instant::now() + LOOK <= end && !service.0.stop.is_cancelled();
        if status.state.is_final() || !waits {
            return Ok(Json(RequestStatus {
                request_id: id.to_string(),
                state: status.state,
                attempts: status.attempts,
                reason: status.reason,
                milliseconds: status.milliseconds,
            }));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = endings.of(&id) => {}
            () = service.0.stop.cancelled() => {}
        }
    }
}

/// A request's sealed answer: the same one for ever.
#[utoipa::path(get, path = "/v1/requests/{id}/answer", tag = "requests",
    params(("id" = String, Path, description = "The request: 64 hex digits")),
    responses(
        (status = 200, description = "The sealed answer", body = AnswerBody),
        (status = 400, description = "No id", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such request", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not answered yet", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "Given up, or no longer kept", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn answer(
    State(service): State<Service>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    let answer = service.0.queue.answer(&parse_id(id)?).await?;
    Ok((JSON, answer).into_response())
}

/// Whether the service and its queue work.
#[utoipa::path(get, path = "/v1/health", tag = "operation", responses(
    (status = 200, description = "They do", body = Health),
    (status = 503, description = "The queue does not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn health(State(service): State<Service>) -> Result<Json<Health>, Error> {
    let counts = service.0.counts().await?;
    let open = counts.iter().filter(|(state, _)| !state.is_final());
    Ok(Json(Health {
        status: "ok".to_owned(),
        open: open.map(|(_, count)| count).sum(),
    }))
}

/// Metrics for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "Metrics in the text format of OpenMetrics", body = String, content_type = "application/openmetrics-text"),
))]
pub(super) async fn metrics(State(service): State<Service>) -> Result<Response, Error> {
    let counts = service.0.counts().await?;
    Ok((OPENMETRICS, service.0.metrics.text(&counts)).into_response())
}

pub(super) async fn openapi() -> Result<Response, Error> {
    Ok((JSON, Service::openapi()?).into_response())
}

pub(super) async fn not_found() -> Response {
    let problem = Problem {
        kind: "about:blank".to_owned(),
        title: "Not found".to_owned(),
        status: StatusCode::NOT_FOUND.as_u16(),
        detail: "there is nothing at this path; GET /openapi.json lists all paths".to_owned(),
        code: "not-found".to_owned(),
        retry_after: None,
    };
    problem.into_response()
}

pub(super) async fn wrong_method() -> Response {
    let problem = Problem {
        kind: "about:blank".to_owned(),
        title: "Method not allowed".to_owned(),
        status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
        detail: "this path takes other methods; GET /openapi.json lists them".to_owned(),
        code: "method-not-allowed".to_owned(),
        retry_after: None,
    };
    problem.into_response()
}

/// A file of the model that a path names.
fn file(
    service: &Service,
    digest: Result<Path<String>, PathRejection>,
    content_type: [(header::HeaderName, &str); 1],
    content: impl FnOnce(&Hosted) -> Bytes,
) -> Result<Response, Error> {
    let hosted = service.0.models.get(&parse_digest(digest)?)?;
    Ok((content_type, content(hosted)).into_response())
}

fn parse_digest(text: Result<Path<String>, PathRejection>) -> Result<Digest, Error> {
    parse("digest of a model", text)
}

fn parse_id(text: Result<Path<String>, PathRejection>) -> Result<RequestId, Error> {
    parse("request id", text)
}

/// What a segment of the path says, if it is text at all.
fn parse<T: FromStr<Err = String>>(
    what: &'static str,
    text: Result<Path<String>, PathRejection>,
) -> Result<T, Error> {
    let Path(text) = text.map_err(|rejection| Error::malformed(what, rejection.body_text()))?;
    text.parse().map_err(|reason| Error::malformed(what, reason))
}
