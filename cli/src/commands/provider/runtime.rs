//! What runs a service or a worker, and ends it in good order.

use crate::output::Session;
use anyhow::{Context, Result};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether the program is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a service or a worker, on threads of its own.
pub fn run_to_end(work: impl Future<Output = Result<()>>) -> Result<()> {
    quiet_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the threads of the service")?;
    let result = runtime.block_on(work);
    // A proof that was given back goes on until its stage ends: no task waits for it.
    runtime.shutdown_background();
    result
}

/// Cancels `stop` when the program is interrupted or terminated.
pub async fn watch(session: &Session, stop: &CancellationToken) {
    while !session.progress().is_cancelled() {
        tokio::time::sleep(LOOK).await;
    }
    stop.cancel();
}

/// A panic's message may quote values of an input: only its place is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or("unknown".to_owned(), ToString::to_string);
        tracing::error!(%place, "a bug: the work broke off");
    }));
}
