//! What the queue and HTTP cost: requests answered by a service beside the bare prover.

use super::clients::PATIENCE;
use super::processes::{Plan, free_port};
use super::site::{Offer, Site, Subject, bound};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Result, ensure};
use std::path::Path;
use std::time::{Duration, Instant};
use zkml::{ParamVisibility, Progress};
use zkml_network::{Client, Engine, OpenRequest, Outcome, PendingRequest};

/// Requests of each turn, and turns: the two take turns, so that a change of the machine's load meets
/// both.
const REQUESTS: usize = 4;
const TURNS: usize = 4;
const LOSS: f64 = 0.05;

/// Measures LeNet-5.
pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let item = Item::new(
        "throughput of the service",
        format!("at least {:.0} % of the bare prover's", 100.0 * (1.0 - LOSS)),
    );
    report.measure(item, || {
        let zkml = zkml?;
        let site = Site::new()?;
        let offer = site.publish(workshop, Subject::digits()?, &bound(ParamVisibility::Committed))?;
        let database = format!("sqlite:{}", site.path().join("queue.db").display());
        let plan = Plan {
            zkml,
            site: &site,
            offer: &offer,
            database: &database,
            log: "warn",
        };
        let port = free_port()?;
        let _service = plan.serve(port, 1)?;
        let client = Client::new(&format!("http://127.0.0.1:{port}"), PATIENCE);
        // The first proof of each warms up.
        bare(&offer, 1)?;
        served(&client, &offer, 1)?;
        let (mut alone, mut through) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..TURNS {
            alone += bare(&offer, REQUESTS)?;
            through += served(&client, &offer, REQUESTS)?;
        }
        let part = alone.as_secs_f64() / through.as_secs_f64();
        let each = |time: Duration| time.as_secs_f64() / (REQUESTS * TURNS) as f64;
        Ok(Figure::new(
            part >= 1.0 - LOSS,
            format!(
                "{:.1} % ({:.3} s a request, {:.3} s bare, {} of each)",
                100.0 * part,
                each(through),
                each(alone),
                REQUESTS * TURNS
            ),
        ))
    });
}

fn bare(offer: &Offer, count: usize) -> Result<Duration> {
    let requests = requests(offer, count)?;
    let start = Instant::now();
    for request in &requests {
        let open = OpenRequest::from(request);
        let outcome = offer
            .prover
            .answer(&request.binding(), &open, &Progress::none())?;
        ensure!(
            matches!(outcome, Outcome::Answer(_)),
            "the prover refused an input"
        );
    }
    Ok(start.elapsed())
}

fn served(client: &Client, offer: &Offer, count: usize) -> Result<Duration> {
    let requests = requests(offer, count)?;
    let start = Instant::now();
    for request in &requests {
        client.submit(request)?;
    }
    for request in &requests {
        client.wait(&request.header().request_id, PATIENCE, |_| Ok(()))?;
    }
    Ok(start.elapsed())
}

fn requests(offer: &Offer, count: usize) -> Result<Vec<PendingRequest>> {
    (0..count)
        .map(|i| {
            Ok(PendingRequest::new(
                offer.prover.manifest(),
                offer.asked_in_range(i)?,
            )?)
        })
        .collect()
}
