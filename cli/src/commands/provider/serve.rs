//! `zkml serve`.

use super::Provider;
use super::ProviderArgs;
use super::runtime::{run_to_end, watch};
use crate::config::choose_backend;
use crate::config::seconds;
use crate::output::{Session, Verdict};
use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zkml::{Device, Digest};
use zkml_network::{Engine, Hosted, Metrics, Requesters, Service, ServiceOptions};

/// Offer models over HTTP: sealed requests in, proven and sealed answers out.
///
/// Put a proxy with TLS in front of it: requests are sealed, but who asks which model when is not.
/// RUST_LOG=info logs every request by its id. Ctrl-C or SIGTERM stops it in good order.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml serve lenet5.manifest.json --keys provider.keys\n  zkml serve *.manifest.json --keys provider.keys --listen 0.0.0.0:8080 --workers 0 --database postgres://zkml@db/zkml"
)]
pub struct ServeArgs {
    /// What a worker needs, too.
    #[command(flatten)]
    pub provider: ProviderArgs,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Workers in this process; 0 if all are `zkml worker`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(..=1024))]
    pub workers: u16,
    /// Requests that may be open at once
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub max_open: u64,
    /// The longest request in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    pub max_body: usize,
    /// Requests of one address in a minute; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub per_minute: u32,
    /// Answer the requesters of this list alone: lines of a key (`zkml identity show`) and a budget of answers, such as
    /// 100/day; hour, day, week or total. The queue's database keeps count [default: everyone]
    #[arg(long, value_name = "FILE")]
    pub requesters: Option<PathBuf>,
    /// Seconds ahead that a request may expire
    #[arg(long, value_name = "SECONDS", default_value = "86400", value_parser = seconds)]
    pub max_lifetime: Duration,
}

#[derive(Serialize)]
struct Listening {
    url: String,
    models: Vec<Model>,
}

#[derive(Serialize)]
struct Model {
    name: String,
    digest: Digest,
}

/// Offers models until the program is to stop.
pub fn run(args: ServeArgs, session: &Session) -> Result<Verdict> {
    let requesters = match &args.requesters {
        None => None,
        Some(path) => Some(
            Requesters::load(path)
                .with_context(|| format!("cannot use {} as a list of requesters", path.display()))?,
        ),
    };
    let options = ServiceOptions {
        requesters,
        max_body: args.max_body,
        max_open: args.max_open,
        per_minute: args.per_minute,
        max_lifetime: args.max_lifetime,
        grace: args.provider.grace.min(ServiceOptions::default().grace),
        ..ServiceOptions::default()
    };
    // Without workers nothing is proven here.
    let device = match args.workers {
        0 => Device::Cpu,
        _ => choose_backend(args.provider.backend, session)?,
    };
    let provider = Provider::load(args.provider, device, session)?;
    run_to_end(serve(
        &provider,
        args.listen,
        args.workers.into(),
        options,
        session,
    ))?;
    Ok(Verdict::Good)
}

async fn serve(
    provider: &Provider,
    listen: SocketAddr,
    workers: usize,
    options: ServiceOptions,
    session: &Session,
) -> Result<()> {
    let queue = provider.queue().await?;
    let metrics = Metrics::default();
    let stop = CancellationToken::new();
    let hosted = provider
        .provers
        .iter()
        .map(|p| Hosted::new(p.published(), p.circuit(), p.srs()));
    let service = Service::new(
        hosted.collect::<Result<_, _>>()?,
        queue.clone(),
        provider.keys.sealing().clone(),
        metrics.clone(),
        options,
        stop.clone(),
    )?;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    announce(provider, &listener, session)?;

    let tasks: Vec<_> = (0..workers)
        .map(|_| {
            let (worker, stop) = (provider.worker(&queue, &metrics), stop.clone());
            tokio::spawn(async move { worker.run(stop).await })
        })
        .collect();
    let ended = tokio::select! {
        ended = zkml_network::serve(service, listener) => ended,
        never = async { watch(session, &stop).await; std::future::pending().await } => never,
    };
    stop.cancel();
    for task in tasks {
        // A worker that broke off has told why.
        let _ = task.await;
    }
    queue.close().await;
    Ok(ended?)
}

/// Says where the service is and what it offers.
fn announce(provider: &Provider, listener: &TcpListener, session: &Session) -> Result<()> {
    let model = |prover: &std::sync::Arc<zkml_network::ProvingEngine>| Model {
        name: prover.manifest().body().name.clone(),
        digest: *prover.manifest().digest(),
    };
    let listening = Listening {
        url: format!("http://{}", listener.local_addr()?),
        models: provider.provers.iter().map(model).collect(),
    };
    session.result(&listening, || {
        let mut text = format!("listening on {}\n", listening.url);
        for model in &listening.models {
            text.push_str(&format!("  {}  {}\n", model.digest, model.name));
        }
        text
    })
}
