//! JSON forms of what a service answers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a request is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Its sealed answer can be fetched. Whether that is a proof or a refusal only the user sees.
    Answered,
    /// The provider gave it up.
    Failed,
    /// It was answered or given up, and its content is no longer kept.
    Purged,
}

impl State {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Answered,
        Self::Failed,
        Self::Purged,
    ];

    /// Whether nothing changes any more but that content is purged.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Purged => "purged",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| format!("expected the state of a request, found {text:?}"))
    }
}

/// Where a request is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
pub struct RequestStatus {
    /// The request: 64 hex digits.
    pub request_id: String,
    /// Its state.
    pub state: State,
    /// How often workers have begun it.
    pub attempts: u32,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Milliseconds from its acceptance to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub milliseconds: Option<u64>,
}

/// The published models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
pub struct ModelList {
    /// One entry each.
    pub models: Vec<ModelEntry>,
}

/// A published model in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
pub struct ModelEntry {
    /// Digest of its manifest: 64 hex digits.
    pub digest: String,
    /// Its name.
    pub name: String,
    /// The provider's Ed25519 key: 64 hex digits.
    pub provider: String,
}

/// Whether the service works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// Requests that wait or are worked on.
    pub open: u64,
}

/// An error, as RFC 9457 writes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem: `urn:zkml:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was expected, what was found, what to do.
    pub detail: String,
    /// The code alone.
    pub code: String,
    /// Seconds after which to try again, where that may help.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u64>,
}
