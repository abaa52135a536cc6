//! `zkml worker`.

use super::Provider;
use super::ProviderArgs;
use super::runtime::{run_to_end, watch};
use crate::config::choose_backend;
use crate::output::{Session, Verdict};
use anyhow::Result;
use clap::Args;
use tokio_util::sync::CancellationToken;
use zkml_network::Metrics;

/// Answer requests from the queue of a `zkml serve`, on this machine or another.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  zkml worker lenet5.manifest.json --keys provider.keys --database postgres://zkml@db/zkml"
)]
pub struct WorkerArgs {
    /// What the service needs, too.
    #[command(flatten)]
    pub provider: ProviderArgs,
}

/// Answers requests until the program is to stop.
pub fn run(args: WorkerArgs, session: &Session) -> Result<Verdict> {
    let device = choose_backend(args.provider.backend, session)?;
    let provider = Provider::load(args.provider, device, session)?;
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
