//! The service's routes and their OpenAPI document.

use super::handlers;
use super::state::Service;
use crate::Error;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes that answer however busy the service is: monitoring must not be shut out.
const WATCHED: [&str; 2] = ["/v1/health", "/metrics"];

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
/// label is the route's pattern, so that clients cannot make up labels.
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
