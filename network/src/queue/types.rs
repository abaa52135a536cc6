//! What the queue tells.

use crate::{RequestId, SealedRequest, State};

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It is new, and on disk.
    Accepted,
    /// The same envelope was accepted before; its request is in this state.
    Known(State),
}

/// What the holder of a request's id may learn of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where it is in its life.
    pub state: State,
    /// How often workers have begun it.
    pub attempts: u32,
    /// Why it failed, in words that tell nothing about the input.
    pub reason: Option<String>,
    /// Milliseconds from its acceptance to its end, once it has ended.
    pub milliseconds: Option<u64>,
}

/// A claimed request.
#[derive(Clone, Debug)]
pub struct Job {
    /// The request.
    pub request: SealedRequest,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// The name of the lease.
    pub(crate) lease: String,
}

impl Job {
    /// The request's id.
    pub fn id(&self) -> &RequestId {
        &self.request.header.request_id
    }
}
