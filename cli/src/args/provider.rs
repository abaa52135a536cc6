//! `zkml serve` and `zkml worker`.

use super::BackendArgs;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

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

/// A number of seconds, with a fraction or without.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("expected a number of seconds, found {text:?}"))
}
