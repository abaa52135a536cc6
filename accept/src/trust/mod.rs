//! What "valid" rests on: refusals that tell nothing, keys that anyone can check, SRS that are named, contracts that
//! take a proof in one place only.

mod cli;
mod contracts;
mod keys;
mod refusals;
mod saturation;
mod small;
mod srs;

use crate::report::Report;
use crate::workshop::Workshop;
use crate::{Args, process};

/// Runs all groups, or those that are asked for.
pub fn run(args: &Args, report: &mut Report) {
    let zkml = process::zkml(args.zkml.as_deref());
    let zkml = || process::found(&zkml);
    let mut workshop = Workshop::default();
    let wanted = |name: &str| name.contains(&args.only);
    if wanted("refusals") {
        refusals::run(zkml(), &mut workshop, report);
    }
    if wanted("saturation") {
        saturation::run(&mut workshop, report);
    }
    if wanted("keys") {
        keys::run(zkml(), &mut workshop, report);
    }
    if wanted("srs") {
        srs::run(zkml(), report);
    }
    if wanted("contracts") {
        contracts::run(&mut workshop, report);
    }
    if wanted("small") {
        small::run(zkml(), &mut workshop, report);
    }
}
