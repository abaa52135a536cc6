//! Keeping a lease while its work goes on.

use crate::queue::{Job, Queue};
use std::time::Duration;
use zkml::Progress;

/// Extends the lease three times in its length, until dropped. When the lease is lost, or
/// the database does not answer for as long as it lasts, the work is cancelled.
pub(super) async fn keep(
    queue: &Queue,
    job: &Job,
    length: Duration,
    progress: &Progress,
) -> std::convert::Infallible {
    let mut confirmed = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(length / 3).await;
        match queue.extend(job, length).await {
            Ok(true) => confirmed = tokio::time::Instant::now(),
            Ok(false) => {
                tracing::warn!(request = %job.id(), "lost the lease; the work stops");
                break progress.cancel();
            }
            Err(error) => {
                tracing::warn!(request = %job.id(), %error, "cannot extend the lease");
                if confirmed.elapsed() >= length {
                    break progress.cancel();
                }
            }
        }
    }
    // The task that waits for the work drops this.
    std::future::pending().await
}
