//! The service's state and its routes.

use super::handlers;
use super::limits::Limits;
use super::metrics::Metrics;
use super::models::{Hosted, Models};
use crate::queue::Queue;
use crate::{Error, SealingSecret};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What a service allows.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// The longest request, in bytes.
    pub max_body: usize,
    /// Requests that may be open at once.
    pub max_open: u64,
    /// Submissions of one client in a minute; 0 for no limit.
    pub per_minute: u32,
    /// HTTP requests that may be worked on at once.
    pub max_connections: usize,
    /// How far ahead a request may expire.
    pub max_lifetime: Duration,
    /// How long a client may take to send a request.
    pub body_timeout: Duration,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            max_body: 16 << 20,
            max_open: 1000,
            per_minute: 600,
            max_connections: 1024,
            max_lifetime: Duration::from_secs(24 * 3600),
            body_timeout: Duration::from_secs(30),
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
    /// Ends what waits for something.
    pub(super) stop: CancellationToken,
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
        Ok(Self(Arc::new(Inner {
            models: Models::new(models, &secret)?,
            queue,
            secret,
            metrics,
            limits: Limits::new(options.per_minute, options.max_connections),
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
        Ok(_place) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    service.0.metrics.response(&route, response.status().as_u16());
    response
}
