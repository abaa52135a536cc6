//! Errors as HTTP answers: problem details (RFC 9457).

use crate::Error;
use crate::wire::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Media type of problem details.
const MEDIA_TYPE: &str = "application/problem+json";
/// Seconds after which a client may try again when the queue is full.
const FULL_RETRY: u64 = 5;

/// The HTTP status of an error.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::Malformed { .. } | Error::Version { .. } => StatusCode::BAD_REQUEST,
        Error::UnknownModel { .. } | Error::UnknownRequest { .. } | Error::SrsNotSent { .. } => {
            StatusCode::NOT_FOUND
        }
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Expired { .. } | Error::ExpiryTooFar { .. } | Error::Sealed { .. } => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::IdTaken { .. } | Error::NotAnswered { .. } => StatusCode::CONFLICT,
        Error::Abandoned { .. } | Error::Purged { .. } => StatusCode::GONE,
        Error::RateLimited { .. } | Error::BudgetSpent { seconds: Some(_), .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Error::UnknownRequester { .. } | Error::IdentitySignature { .. } | Error::BudgetSpent { .. } => {
            StatusCode::FORBIDDEN
        }
        Error::QueueFull { .. } | Error::Busy | Error::Database { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::TimedOut { .. } => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let status = status(error);
        let code = error.code();
        // What is wrong inside is for the log.
        let detail = match status {
            StatusCode::INTERNAL_SERVER_ERROR => {
                "the service failed; the provider's log tells why".to_owned()
            }
            _ if matches!(error, Error::Database { .. }) => {
                "the queue does not answer; try again later".to_owned()
            }
            _ => error.to_string(),
        };
        let retry_after = match error {
            Error::RateLimited { seconds } => Some(*seconds),
            Error::BudgetSpent { seconds, .. } => *seconds,
            Error::QueueFull { .. } | Error::Database { .. } => Some(FULL_RETRY),
            Error::Busy => Some(1),
            _ => None,
        };
        Self {
            kind: format!("urn:zkml:problem:{code}"),
            title: title(code),
            status: status.as_u16(),
            detail,
            code: code.to_owned(),
            retry_after,
        }
    }
}

/// `id-taken` becomes `Id taken`.
fn title(code: &str) -> String {
    let mut words = code.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = Problem::from(&self);
        if problem.status >= 500 && !matches!(self, Error::QueueFull { .. } | Error::Busy) {
            tracing::error!(error = %self, "the service failed");
        }
        problem.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_say_what_to_do_and_when() {
        let problem = Problem::from(&Error::QueueFull { limit: 7 });
        assert_eq!((problem.status, problem.retry_after), (503, Some(FULL_RETRY)));
        assert_eq!(problem.kind, "urn:zkml:problem:queue-full");
        assert_eq!(problem.title, "Queue full");
        let response = Error::RateLimited { seconds: 3 }.into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "3");
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
    }

    #[test]
    fn what_is_wrong_inside_is_not_told() {
        let error = Error::Database {
            action: "counting",
            reason: "password of me@host".to_owned(),
        };
        assert!(!Problem::from(&error).detail.contains("password"));
        let error = Error::Service {
            action: "x",
            reason: "secret".to_owned(),
        };
        assert!(!Problem::from(&error).detail.contains("secret"));
    }
}
