//! What the queue and HTTP cost: requests answered by a service beside the bare prover.

use super::clients::PATIENCE;
use super::processes::Served;
use super::site::{Offer, Site, Subject, bound};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Workshop, turns};
use anyhow::{Result, ensure};
use std::path::Path;
use zkml::{ParamVisibility, Progress};
use zkml_network::{Client, Engine, OpenRequest, Outcome, PendingRequest};

/// Requests of each turn, and turns.
const REQUESTS: usize = 4;
const TURNS: usize = 11;
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
        let service = Served::start(zkml, &site, &offer, 1)?;
        let client = Client::new(&service.url, PATIENCE);
        // The first proof of each warms up.
        bare(&offer, 1)?;
        served(&client, &offer, 1)?;
        let times = turns(
            TURNS,
            || bare(&offer, REQUESTS),
            || served(&client, &offer, REQUESTS),
        )?;
        let part = 1.0 / times.ratio;
        let [alone, through] = times.medians.map(|time| time.as_secs_f64() / REQUESTS as f64);
        Ok(Figure::new(
            part >= 1.0 - LOSS,
            format!(
                "{:.1} % ({through:.3} s a request, {alone:.3} s bare, {TURNS} turns of {REQUESTS} each)",
                100.0 * part
            ),
        ))
    });
}

fn bare(offer: &Offer, count: usize) -> Result<()> {
    let requests = requests(offer, count)?;
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
    Ok(())
}

fn served(client: &Client, offer: &Offer, count: usize) -> Result<()> {
    let requests = requests(offer, count)?;
    for request in &requests {
        client.submit(request)?;
    }
    for request in &requests {
        client.wait(&request.header().request_id, PATIENCE, |_| Ok(()))?;
    }
    Ok(())
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
