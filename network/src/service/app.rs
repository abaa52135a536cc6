//! The service's state and its routes.

use super::handlers;
use super::limits::Limits;
use super::metrics::Metrics;
use super::models::{Hosted, Models};
use super::requesters::Requesters;
use crate::queue::Queue;
use crate::{Error, SealingSecret, State as RequestState};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The number of requests in each state.
type Counts = Vec<(RequestState, u64)>;

/// How long a count of the queue is good for.
const COUNT_FOR: Duration = Duration::from_secs(1);
/// Routes that answer however busy the service is: whoever watches it must not be shut out.
const WATCHED: [&str; 2] = ["/v1/health", "/metrics"];

/// What a service allows.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// The longest request, in bytes; at most what the models on offer take.
    pub max_body: usize,
    /// Bytes of requests that may arrive at once.
    pub max_in_flight: usize,
    /// Requests that may be open at once.
    pub max_open: u64,
    /// Submissions of one client in a minute; 0 for no limit.
    pub per_minute: u32,
    /// Whose requests are answered, and how many of each; all of everyone's without it.
    pub requesters: Option<Requesters>,
    /// HTTP requests that may be worked on at once.
    pub max_connections: usize,
    /// How far ahead a request may expire.
    pub max_lifetime: Duration,
    /// How long a client may take to send a request.
    pub body_timeout: Duration,
    /// How long a client may take to send a request's head, and a connection may be idle.
    pub header_timeout: Duration,
    /// How long connections may take to end once the service is to stop.
    pub grace: Duration,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            max_body: 16 << 20,
            max_in_flight: 256 << 20,
            max_open: 1000,
            per_minute: 600,
            requesters: None,
            max_connections: 1024,
            max_lifetime: Duration::from_secs(24 * 3600),
            body_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            grace: Duration::from_secs(10),
        }
    }
}

/// A provider's service. Clones share everything.
#[derive(Clone)]
pub struct Service(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) models: Models,
    pub(super) queue: Queue,
    pub(super) secret: SealingSecret,
    pub(super) metrics: Metrics,
    pub(super) limits: Limits,
    pub(super) options: ServiceOptions,
    /// The longest request that is read.
    pub(super) max_body: usize,
    /// The number of requests in each state, and when it was counted.
    counted: Mutex<Option<(Instant, Counts)>>,
    /// Ends what waits for something.
    pub(super) stop: CancellationToken,
}

impl Inner {
    /// The number of requests in each state. Counting goes through the whole queue: whoever asks often
    /// hears the same number again.
    pub(super) async fn counts(&self) -> Result<Counts, Error> {
        let mut counted = self.counted.lock().await;
        if let Some((at, counts)) = &*counted
            && at.elapsed() < COUNT_FOR
        {
            return Ok(counts.clone());
        }
        let counts = self.queue.counts().await?;
        *counted = Some((Instant::now(), counts.clone()));
        Ok(counts)
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "zkml provider",
        description = "Private inference: sealed requests, proven and sealed answers.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "models", description = "What the provider offers"),
        (name = "requests", description = "Asking"),
        (name = "operation", description = "Running the service")
    )
)]
struct Document;

impl Service {
    /// A service that offers `models`, whose requests `secret` opens, over a queue.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for a model of another sealing key.
    pub fn new(
        models: Vec<Hosted>,
        queue: Queue,
        secret: SealingSecret,
        metrics: Metrics,
        options: ServiceOptions,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let models = Models::new(models, &secret)?;
        Ok(Self(Arc::new(Inner {
            max_body: options.max_body.min(models.longest_request()),
            models,
            queue,
            secret,
            metrics,
            limits: Limits::new(&options),
            counted: Mutex::default(),
            options,
            stop,
        })))
    }

    /// The OpenAPI document, in JSON.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn openapi() -> Result<String, Error> {
        let (_, document) = routes().split_for_parts();
        document.to_pretty_json().map_err(|error| Error::Service {
            action: "write the OpenAPI document",
            reason: error.to_string(),
        })
    }

    /// The routes.
    pub fn router(self) -> Router {
        let (router, _) = routes().split_for_parts();
        router
            .route("/openapi.json", get(handlers::openapi))
            .fallback(handlers::not_found)
            .method_not_allowed_fallback(handlers::wrong_method)
            .layer(middleware::from_fn_with_state(self.clone(), around))
            .with_state(self)
    }
}

fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(handlers::models))
        .routes(routes!(handlers::manifest))
        .routes(routes!(handlers::key))
        .routes(routes!(handlers::circuit))
        .routes(routes!(handlers::srs))
        .routes(routes!(handlers::submit))
        .routes(routes!(handlers::status))
        .routes(routes!(handlers::answer))
        .routes(routes!(handlers::health))
        .routes(routes!(handlers::metrics))
}

/// What holds for every route: a place among the requests at once, and a line in the metrics. The
/// label is the route's pattern, so that no one can make up labels.
async fn around(State(service): State<Service>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none".to_owned(), |path| path.as_str().to_owned());
    let response = match service.0.limits.enter() {
        _ if WATCHED.contains(&&*route) => next.run(request).await,
        Ok(_place) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    service.0.metrics.response(&route, response.status().as_u16());
    response
}
