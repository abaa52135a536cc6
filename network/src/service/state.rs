//! The service's state.

use super::limits::Limits;
use super::metrics::Metrics;
use super::models::{Hosted, Models};
use super::options::ServiceOptions;
use crate::queue::Queue;
use crate::{Error, SealingSecret, State as RequestState};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// The number of requests in each state.
type Counts = Vec<(RequestState, u64)>;

/// How long a count of the queue is good for.
const COUNT_FOR: Duration = Duration::from_secs(1);

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
    /// The number of requests in each state. Counting goes through the whole queue: a client that asks often
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
}
