//! What happens to the queue in this process, told at once to the tasks that wait for it here.
//!
//! Other processes change the queue too, and a signal may be missed: a task that waits for one looks now and then all the
//! same.

use crate::RequestId;
use std::sync::Arc;
use tokio::sync::{Notify, broadcast};

/// Ends of requests that a slow listener may be behind.
const BEHIND: usize = 64;

/// Clones share their listeners.
#[derive(Clone)]
pub(super) struct Signals {
    submitted: Arc<Notify>,
    ended: broadcast::Sender<RequestId>,
}

impl Signals {
    pub(super) fn new() -> Self {
        Self {
            submitted: Arc::default(),
            ended: broadcast::Sender::new(BEHIND),
        }
    }

    /// A request came: one worker that waits for it learns so, or the next one that does.
    pub(super) fn submitted(&self) {
        self.submitted.notify_one();
    }

    /// Waits for a request to come.
    pub(super) async fn submission(&self) {
        self.submitted.notified().await;
    }

    /// Work on a request ended, perhaps the request too.
    pub(super) fn ended(&self, id: &RequestId) {
        // There may be no listener.
        let _ = self.ended.send(*id);
    }

    pub(super) fn endings(&self) -> Endings {
        Endings(self.ended.subscribe())
    }
}

/// The ends of requests from when this was made.
pub(crate) struct Endings(broadcast::Receiver<RequestId>);

impl Endings {
    /// Waits until work on this request may have ended.
    pub(crate) async fn of(&mut self, id: &RequestId) {
        // An error is a listener that was too slow: it may have missed its own.
        while let Ok(ended) = self.0.recv().await {
            if ended == *id {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn comes(signal: impl Future<Output = ()>) -> bool {
        tokio::time::timeout(Duration::from_millis(200), signal)
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn listeners_learn_of_their_own_request_and_of_what_they_missed() {
        let id = |digit: &str| digit.repeat(64).parse::<RequestId>().unwrap();
        let (signals, id, other) = (Signals::new(), id("1"), id("2"));
        signals.ended(&id);
        let mut endings = signals.endings();
        signals.ended(&other);
        assert!(!comes(endings.of(&id)).await);
        signals.ended(&id);
        assert!(comes(endings.of(&id)).await);
        for _ in 0..2 * BEHIND {
            signals.ended(&other);
        }
        assert!(comes(endings.of(&id)).await);
    }

    #[tokio::test]
    async fn a_request_that_came_before_is_not_missed() {
        let signals = Signals::new();
        assert!(!comes(signals.submission()).await);
        signals.submitted();
        assert!(comes(signals.submission()).await);
    }
}
