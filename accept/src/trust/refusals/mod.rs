//! Refusals that tell nothing of hidden weights, and models that refuse nothing.

mod answered;
mod extraction;
mod hostile;
mod twins;

use crate::private_inference::site::{Offer, Site, Subject, bound};
use crate::report::{Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use std::path::Path;
use zkml::ParamVisibility;

/// Inputs that are made to leave ranges.
const HOSTILE: usize = 1000;

pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let zkml = zkml.map_err(|error| format!("{error:#}"));
    let found = || zkml.clone().map_err(anyhow::Error::msg);
    let extraction = Item::new("hidden weights read from refusals", "0, in one constant text");
    report.measure(extraction, || extraction::measure(found()?, workshop));
    let items = [
        "text, size and state of refusals",
        "one refuses, one answers: the rest",
    ];
    let bars = [
        format!("equal for two weight sets, {HOSTILE} inputs"),
        "equal: one bit, answered or not".to_owned(),
    ];
    let items = items.into_iter().zip(bars);
    let items = items.map(|(name, bar)| Item::new(name, bar)).collect();
    report.measure_all(items, || twins::measure(found()?, workshop));
    let answered = Item::new(
        "hostile inputs of a model that cannot refuse",
        format!("{HOSTILE} of {HOSTILE} answered"),
    );
    report.measure(answered, || answered::measure(workshop));
}

/// The MNIST MLP with committed weights that refuses some inputs, published where that is allowed.
fn refusing(site: &Site, workshop: &mut Workshop) -> Result<Offer> {
    let subject = Subject::mlp()?;
    let options = bound(ParamVisibility::Committed).saturate(false);
    let setup = workshop.setup(&subject.model, subject.calibration(), &options)?;
    site.offer(subject.name, setup, subject.inputs, true)
}
