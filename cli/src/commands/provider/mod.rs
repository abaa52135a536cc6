//! `zkml serve` and `zkml worker`.

mod runtime;
mod serve;
mod worker;

use crate::config::{BackendArgs, PublishedPaths, load_prover, seconds};
use crate::output::Session;
use anyhow::{Context, Result, ensure};
use clap::Args;
pub use serve::{ServeArgs, run as serve};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
pub use worker::{WorkerArgs, run as worker};
use zkml::Device;
use zkml_network::{Engine, Metrics, ProviderKeys, ProvingEngine, Queue, Worker, WorkerOptions};

/// What both need.
#[derive(Args, Debug)]
pub struct ProviderArgs {
    /// Manifests of the models (`zkml publish`). The model, its proving key and its secret lie beside each
    #[arg(value_name = "MANIFEST", required = true)]
    pub manifests: Vec<PathBuf>,
    /// The provider's keys
    #[arg(long, value_name = "FILE")]
    pub keys: PathBuf,
    /// The queue: sqlite:FILE, or postgres://USER:PASSWORD@HOST/NAME. The variable ZKML_DATABASE keeps
    /// a password off the command line
    #[arg(
        long,
        value_name = "URL",
        env = "ZKML_DATABASE",
        hide_env_values = true,
        default_value = "sqlite:zkml-queue.db"
    )]
    pub database: String,
    /// The SRS that the keys were made with [default: from the cache]
    #[arg(long, value_name = "FILE")]
    pub srs: Option<PathBuf>,
    /// Where to compute.
    #[command(flatten)]
    pub backend: BackendArgs,
    /// How often a request is begun before it is given up
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub attempts: u32,
    /// Seconds after which the work of a worker that gives no sign of life goes to another
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub lease: Duration,
    /// Seconds that the work at hand may take when the program is to stop
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub grace: Duration,
    /// Seconds that answers are kept after their requests' expiry
    #[arg(long, value_name = "SECONDS", default_value = "86400", value_parser = seconds)]
    pub keep: Duration,
}

/// A provider's models, keys and queue.
pub struct Provider {
    pub provers: Vec<Arc<ProvingEngine>>,
    pub keys: ProviderKeys,
    options: WorkerOptions,
    database: String,
    attempts: u32,
}

impl Provider {
    /// Reads all files.
    pub fn load(args: ProviderArgs, device: Device, session: &Session) -> Result<Self> {
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
                device,
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
