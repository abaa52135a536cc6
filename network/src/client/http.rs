//! One HTTP exchange: limits, problem details, what may be tried again.

use crate::Error;
use crate::wire::Problem;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Response;
use ureq::{Body, SendBody};
use zkml::advanced::plain;

const CONNECT: Duration = Duration::from_secs(10);
/// Longer than the longest wait of a service.
const EXCHANGE: Duration = Duration::from_secs(60);
/// The longest description of a problem that is read.
const PROBLEM: u64 = 64 << 10;

/// Talks to one service.
#[derive(Clone, Debug)]
pub(super) struct Http {
    agent: Agent,
    base: String,
}

impl Http {
    /// A connection to the service at a URL, such as `https://host:8080`.
    pub(super) fn new(base: &str) -> Self {
        let agent = Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(EXCHANGE))
            .http_status_as_error(false)
            // What is pinned is one service; it does not send its users elsewhere.
            .max_redirects(0)
            .build()
            .new_agent();
        Self {
            agent,
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// `GET`, with an answer of at most `limit` bytes.
    pub(super) fn get(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        let url = self.url(path);
        let response = self.agent.get(&url).call();
        read(url, response, limit)
    }

    /// `POST` of JSON.
    pub(super) fn post(&self, path: &str, json: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let url = self.url(path);
        let response = self
            .agent
            .post(&url)
            .content_type("application/json")
            .send(SendBody::from_reader(&mut &json[..]));
        read(url, response, limit)
    }
}

fn read(url: String, response: Result<Response<Body>, ureq::Error>, limit: u64) -> Result<Vec<u8>, Error> {
    let unreachable = |url: &str, error: &dyn ToString| Error::Unreachable {
        url: url.to_owned(),
        reason: error.to_string(),
    };
    let mut response = response.map_err(|error| unreachable(&url, &error))?;
    let status = response.status();
    let limit = if status.is_success() { limit } else { PROBLEM };
    let body = response.body_mut().with_config().limit(limit).read_to_vec();
    if status.is_success() {
        return body.map_err(|error| unreachable(&url, &error));
    }
    let problem = body
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
    let (code, detail) = match problem {
        Some(problem) => (problem.code, problem.detail),
        None => ("unknown".to_owned(), "no details".to_owned()),
    };
    // It will be shown on a terminal.
    Err(Error::Remote {
        url,
        status: status.as_u16(),
        code: plain(&code).into_owned(),
        detail: plain(&detail).into_owned(),
    })
}

/// Whether the same exchange may go better in a moment: no connection, or a service that is busy
/// or starting again.
pub(super) fn passes(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } => true,
        // A budget is spent for longer than anyone waits here.
        Error::Remote { code, .. } if code == "budget-spent" => false,
        Error::Remote { status, .. } => matches!(status, 408 | 429 | 502 | 503 | 504),
        _ => false,
    }
}
