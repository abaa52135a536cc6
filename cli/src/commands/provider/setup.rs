//! What a service and a worker are made of.

use crate::args::ProviderArgs;
use crate::config::{PublishedPaths, load_prover};
use crate::output::Session;
use anyhow::{Context, Result, ensure};
use std::sync::Arc;
use std::time::Duration;
use zkml_network::{Engine, Metrics, Prover, ProviderKeys, Queue, Worker, WorkerOptions};

/// A provider's models, keys and queue.
pub struct Provider {
    pub provers: Vec<Arc<Prover>>,
    pub keys: ProviderKeys,
    options: WorkerOptions,
    database: String,
    attempts: u32,
}

impl Provider {
    /// Reads all files.
    pub fn load(args: ProviderArgs, session: &Session) -> Result<Self> {
        let keys = ProviderKeys::load(&args.keys)
            .with_context(|| format!("cannot use {} as a provider's keys", args.keys.display()))?;
        ensure!(
            args.lease >= Duration::from_secs(1),
            "expected a lease of at least a second, found {:?}",
            args.lease
        );
        let mut provers = Vec::with_capacity(args.manifests.len());
        for path in &args.manifests {
            let prover = load_prover(
                &PublishedPaths::of(path)?,
                args.srs.as_deref(),
                session.progress(),
            )?;
            let body = prover.manifest().body();
            ensure!(
                body.sealing_key == keys.sealing_key(),
                "{}: its requests are sealed to {}, and these keys open what is sealed to {}; \
                 publish it again with these keys",
                path.display(),
                body.sealing_key,
                keys.sealing_key()
            );
            provers.push(Arc::new(prover));
        }
        Ok(Self {
            provers,
            keys,
            options: WorkerOptions {
                lease: args.lease,
                grace: args.grace,
                keep: args.keep,
                ..WorkerOptions::default()
            },
            database: args.database,
            attempts: args.attempts,
        })
    }

    /// Opens the queue.
    pub async fn queue(&self) -> Result<Queue> {
        Ok(Queue::open(&self.database, self.attempts).await?)
    }

    /// A worker for all models.
    pub fn worker(&self, queue: &Queue, metrics: &Metrics) -> Worker {
        let engines = self.provers.iter().map(|p| Arc::clone(p) as Arc<dyn Engine>);
        Worker::new(
            queue.clone(),
            engines.collect(),
            self.keys.sealing().clone(),
            self.options.clone(),
            metrics.clone(),
        )
    }
}
