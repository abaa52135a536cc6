//! The log on stderr, which the environment variable `RUST_LOG` filters: events as they happen, and stages of work
//! (`RUST_LOG=zkml=debug`) as a tree with times, once the outermost one is done.

use std::io::{IsTerminal, stderr};
use tracing_forest::{ForestLayer, PrettyPrinter};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

/// Starts the log; warnings and errors alone without a filter.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let events = fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .without_time()
        .with_target(false);
    let stages = ForestLayer::from(PrettyPrinter::new().writer(stderr));
    let stages = stages.with_filter(filter_fn(|metadata| metadata.is_span()));
    registry().with(filter).with(events).with(stages).init();
}
