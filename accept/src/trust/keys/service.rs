//! The service of a dishonest provider, in this process.

use super::dishonest::Dishonest;
use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use zkml_network::{Hosted, Metrics, Queue, ServiceOptions, serve};

/// A service without workers.
pub struct Service {
    /// Where it is.
    pub url: String,
    runtime: Runtime,
    queue: Queue,
    stop: CancellationToken,
    _folder: TempDir,
}

impl Service {
    /// Starts it on a free port.
    pub fn start(provider: &Dishonest) -> Result<Self> {
        let runtime = Runtime::new()?;
        let folder = tempfile::tempdir()?;
        let stop = CancellationToken::new();
        let database = format!("sqlite:{}", folder.path().join("queue.db").display());
        let hosted = Hosted::new(&provider.published()?, &provider.circuit, &provider.srs)?;
        let (url, queue) = runtime.block_on(async {
            let queue = Queue::open(&database, 1).await?;
            let service = zkml_network::Service::new(
                vec![hosted],
                queue.clone(),
                provider.keys.sealing().clone(),
                Metrics::default(),
                ServiceOptions::default(),
                stop.clone(),
            )?;
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("http://{}", listener.local_addr()?);
            tokio::spawn(serve(service, listener));
            anyhow::Ok((url, queue))
        })?;
        Ok(Self {
            url,
            runtime,
            queue,
            stop,
            _folder: folder,
        })
    }

    /// Requests that arrived.
    pub fn requests(&self) -> Result<u64> {
        let counts = self.runtime.block_on(self.queue.counts());
        let counts = counts.context("the queue does not answer")?;
        Ok(counts.iter().map(|(_, count)| count).sum())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
