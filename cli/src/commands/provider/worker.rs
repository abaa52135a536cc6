//! `zkml worker`.

use super::runtime::{run_to_end, watch};
use super::setup::Provider;
use crate::args::WorkerArgs;
use crate::config::choose_backend;
use crate::output::{Session, Verdict};
use anyhow::Result;
use tokio_util::sync::CancellationToken;
use zkml_network::Metrics;

/// Answers requests until the program is to stop.
pub fn run(args: WorkerArgs, session: &Session) -> Result<Verdict> {
    choose_backend(args.provider.backend, session)?;
    let provider = Provider::load(args.provider, session)?;
    run_to_end(async {
        let queue = provider.queue().await?;
        let worker = provider.worker(&queue, &Metrics::default());
        session.note("taking requests");
        let stop = CancellationToken::new();
        tokio::join!(worker.run(stop.clone()), watch(session, &stop));
        queue.close().await;
        anyhow::Ok(())
    })?;
    Ok(Verdict::Good)
}
