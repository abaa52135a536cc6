//! The loop of a worker.

use super::lease;
use crate::clock::unix_now;
use crate::queue::{Job, Queue};
use crate::service::Metrics;
use crate::{Engine, Error, Outcome, Refusal, SealedAnswer, SealingSecret};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use zkml::Progress;

/// Longest pause before a request is tried again.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// What a client who knows the id of a failed request may read. The provider's log has the error's code.
const GIVEN_UP: &str = "the provider could not answer it";

/// How a worker works.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// How long a claim lasts without a sign of life.
    pub lease: Duration,
    /// How often an idle worker looks for requests.
    pub poll: Duration,
    /// How long the work at hand may take once the worker is to stop; then it is given back.
    pub grace: Duration,
    /// Pause before a request whose work failed is tried again; it doubles with each attempt.
    pub retry_delay: Duration,
    /// How long content is kept after a request's expiry.
    pub keep: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            poll: Duration::from_millis(50),
            grace: Duration::from_secs(60),
            retry_delay: Duration::from_secs(1),
            keep: Duration::from_secs(24 * 3600),
        }
    }
}

/// Takes requests of some models from a queue, one at a time.
pub struct Worker {
    queue: Queue,
    engines: Vec<Arc<dyn Engine>>,
    secret: SealingSecret,
    options: WorkerOptions,
    metrics: Metrics,
}

/// What became of a claimed request.
enum Done {
    Stored,
    /// Another worker's answer, or an end, came first.
    TooLate,
    GivenBack,
}

impl Worker {
    /// A worker for these models, whose requests are sealed to `secret`.
    pub fn new(
        queue: Queue,
        engines: Vec<Arc<dyn Engine>>,
        secret: SealingSecret,
        options: WorkerOptions,
        metrics: Metrics,
    ) -> Self {
        Self {
            queue,
            engines,
            secret,
            options,
            metrics,
        }
    }

    /// Works until `stop`. Then the work at hand is finished, or given back after
    /// [`WorkerOptions::grace`].
    pub async fn run(&self, stop: CancellationToken) {
        let mut first = 0;
        let mut tidied: Option<Instant> = None;
        while !stop.is_cancelled() {
            if tidied.is_none_or(|at| at.elapsed() >= self.options.lease) {
                tidied = Some(Instant::now());
                if let Err(error) = self.queue.tidy(self.options.keep).await {
                    tracing::warn!(%error, "cannot tidy up the queue");
                }
            }
            match self.claim(&mut first).await {
                Ok(Some((engine, job))) => self.work(engine, job, &stop).await,
                Ok(None) => tokio::select! {
                    () = self.pause(self.options.poll, &stop) => {}
                    () = self.queue.submission() => {}
                },
                Err(error) => {
                    tracing::error!(%error, "cannot look for requests");
                    self.pause(self.options.retry_delay, &stop).await;
                }
            }
        }
    }

    async fn pause(&self, time: Duration, stop: &CancellationToken) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Claims a request of any model; each call starts with the next one, so that none starves.
    async fn claim(&self, first: &mut usize) -> Result<Option<(Arc<dyn Engine>, Job)>, Error> {
        let count = self.engines.len();
        for step in 0..count {
            let engine = &self.engines[(*first + step) % count];
            let model = engine.manifest().digest();
            if let Some(job) = self.queue.claim(model, self.options.lease).await? {
                *first = (*first + step + 1) % count;
                return Ok(Some((Arc::clone(engine), job)));
            }
        }
        Ok(None)
    }

    /// Works on one request to whatever end.
    async fn work(&self, engine: Arc<dyn Engine>, job: Job, stop: &CancellationToken) {
        let start = Instant::now();
        tracing::info!(request = %job.id(), attempt = job.attempt, "began a request");
        match self.answer(engine, &job, stop).await {
            Ok(Done::Stored) => {
                self.metrics.answered(start.elapsed());
                tracing::info!(request = %job.id(), "answered a request");
            }
            Ok(Done::TooLate) => {
                self.metrics.lost();
                tracing::info!(request = %job.id(), "another answer was first");
            }
            Ok(Done::GivenBack) => tracing::info!(request = %job.id(), "gave a request back"),
            Err(error) => {
                self.metrics.failed();
                tracing::warn!(request = %job.id(), attempt = job.attempt, code = error.code(), "a request failed");
                let delay = self
                    .options
                    .retry_delay
                    .saturating_mul(1 << job.attempt.saturating_sub(1).min(16))
                    .min(LONGEST_DELAY);
                // The lease runs out if this fails, and the request is tried again all the same.
                if let Err(error) = self.queue.retry(&job, GIVEN_UP, delay).await {
                    tracing::error!(request = %job.id(), %error, "cannot give a request back");
                }
            }
        }
    }

    async fn answer(
        &self,
        engine: Arc<dyn Engine>,
        job: &Job,
        stop: &CancellationToken,
    ) -> Result<Done, Error> {
        let progress = Progress::none();
        let secret = self.secret.clone();
        let request = job.request.clone();
        let work = tokio::task::spawn_blocking({
            let progress = progress.clone();
            move || answer(&*engine, &request, &secret, &progress)
        });
        let stopped = async {
            stop.cancelled().await;
            tokio::time::sleep(self.options.grace).await;
        };
        let result = tokio::select! {
            result = work => result,
            never = lease::keep(&self.queue, job, self.options.lease, &progress) => match never {},
            () = stopped => {
                progress.cancel();
                self.queue.release(job).await?;
                return Ok(Done::GivenBack);
            }
        };
        let answer = result.map_err(|_| Error::Service {
            action: "answer",
            reason: "the work broke off".to_owned(),
        })?;
        match answer {
            Ok(answer) => match self.queue.finish(&answer).await? {
                true => Ok(Done::Stored),
                false => Ok(Done::TooLate),
            },
            // Only a lost lease cancels: another worker has the request.
            Err(Error::Zkml(zkml::Error::Cancelled)) => Ok(Done::TooLate),
            Err(error) => Err(error),
        }
    }
}

/// Opens, answers, seals. Runs on a thread of its own.
fn answer(
    engine: &dyn Engine,
    request: &crate::SealedRequest,
    secret: &SealingSecret,
    progress: &Progress,
) -> Result<SealedAnswer, Error> {
    let open = request.open(secret)?;
    let binding = request.header.binding(&open.reply_key);
    let outcome = match request.header.check_alive(unix_now()) {
        Ok(()) => engine.answer(&binding, &open, progress)?,
        Err(error) => Outcome::Refusal(Refusal::Request(error.to_string())),
    };
    SealedAnswer::seal(request, &open.reply_key, secret, &outcome)
}
