//! What a service allows.

use super::requesters::Requesters;
use std::time::Duration;

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
