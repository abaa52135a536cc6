//! Metrics for Prometheus. Their labels are kinds and codes, never anything of a request.

use crate::State;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::time::Duration;

/// Which answer a route gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    status: u16,
}

/// What became of something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: String,
}

/// The metrics of one process. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    http: Family<Route, Counter>,
    submissions: Family<Outcome, Counter>,
    work: Family<Outcome, Counter>,
    seconds: Histogram,
    requests: Family<InState, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("zkml");
        let http = Family::default();
        let submissions = Family::default();
        let work = Family::default();
        // 10 ms to 5 min.
        let seconds = Histogram::new(exponential_buckets(0.01, 2.0, 16));
        let requests = Family::default();
        registry.register("http_responses", "HTTP answers by route and status", http.clone());
        registry.register(
            "submissions",
            "Submitted requests by what became of them: accepted, known, or the code of an error",
            submissions.clone(),
        );
        registry.register(
            "work",
            "Requests that workers of this process began, by their end: stored, lost, failed",
            work.clone(),
        );
        registry.register(
            "answer_seconds",
            "Time from the begin of the work on a request to its stored answer",
            seconds.clone(),
        );
        registry.register(
            "requests",
            "Requests in the queue by state, of all processes",
            requests.clone(),
        );
        Self {
            registry: Arc::new(registry),
            http,
            submissions,
            work,
            seconds,
            requests,
        }
    }
}

impl Metrics {
    pub(super) fn response(&self, route: &str, status: u16) {
        let route = route.to_owned();
        self.http.get_or_create(&Route { route, status }).inc();
    }

    pub(super) fn submission(&self, outcome: &'static str) {
        self.submissions.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn answered(&self, time: Duration) {
        self.work.get_or_create(&Outcome { outcome: "stored" }).inc();
        self.seconds.observe(time.as_secs_f64());
    }

    pub(crate) fn lost(&self) {
        self.work.get_or_create(&Outcome { outcome: "lost" }).inc();
    }

    pub(crate) fn failed(&self) {
        self.work.get_or_create(&Outcome { outcome: "failed" }).inc();
    }

    /// The text that Prometheus reads, with the queue's present state.
    pub(super) fn text(&self, counts: &[(State, u64)]) -> String {
        for state in State::ALL {
            let count = counts
                .iter()
                .find(|(found, _)| *found == state)
                .map_or(0, |(_, n)| *n);
            let state = state.to_string();
            self.requests
                .get_or_create(&InState { state })
                .set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing to a string does not fail.
            Err(_) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_what_was_counted() {
        let metrics = Metrics::default();
        metrics.submission("accepted");
        metrics.submission("id-taken");
        metrics.response("/v1/requests", 202);
        metrics.answered(Duration::from_secs(1));
        let text = metrics.text(&[(State::Queued, 3)]);
        for line in [
            "zkml_submissions_total{outcome=\"id-taken\"} 1",
            "zkml_http_responses_total{route=\"/v1/requests\",status=\"202\"} 1",
            "zkml_work_total{outcome=\"stored\"} 1",
            "zkml_answer_seconds_count 1",
            "zkml_requests{state=\"queued\"} 3",
            "zkml_requests{state=\"failed\"} 0",
        ] {
            assert!(text.contains(line), "{line} is missing in:\n{text}");
        }
    }
}
