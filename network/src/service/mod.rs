//! A provider's HTTP service.
//!
//! | request | answer |
//! |---|---|
//! | `GET /v1/models` | the published models |
//! | `GET /v1/models/{digest}` | a manifest, byte for byte |
//! | `GET /v1/models/{digest}/key` | its verifying key |
//! | `POST /v1/requests` | a sealed request is accepted: 202, or 200 if it was before |
//! | `GET /v1/requests/{id}?wait=20` | where a request is in its life |
//! | `GET /v1/requests/{id}/answer` | its sealed answer |
//! | `GET /v1/health` | whether the service and its queue work |
//! | `GET /metrics` | metrics for Prometheus |
//! | `GET /openapi.json` | all of this as an OpenAPI document |
//!
//! Errors are problem details (RFC 9457). The service opens a request once, to refuse what its
//! workers could not open, and forgets what it saw; the queue holds sealed requests and sealed
//! answers.

mod admission;
mod app;
mod handlers;
mod limits;
mod metrics;
mod models;
mod options;
mod problem;
mod requesters;
mod schema;
mod server;
mod state;

pub use metrics::Metrics;
pub use models::Hosted;
pub use options::ServiceOptions;
pub use requesters::Requesters;
pub use server::serve;
pub use state::Service;
