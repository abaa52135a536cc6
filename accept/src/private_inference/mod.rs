//! Private inference: sealed requests, proven answers, and what stays hidden from all others.

mod batch;
mod clients;
mod contract;
mod cost;
mod encoded;
pub mod processes;
mod secrecy;
pub mod site;
mod storm;
mod tamper;
mod throughput;
mod unlinkable;
mod wiretap;

use crate::report::Report;
use crate::workshop::Workshop;
use crate::{Args, process};

/// Runs all groups, or those that are asked for.
pub fn run(args: &Args, report: &mut Report) {
    let zkml = process::zkml(args.zkml.as_deref());
    let zkml = || process::found(&zkml);
    let mut workshop = Workshop::default();
    let wanted = |name: &str| name.contains(&args.only);
    if wanted("tamper") {
        tamper::run(zkml(), &mut workshop, report);
    }
    if wanted("unlinkable") {
        unlinkable::run(&mut workshop, report);
    }
    if wanted("secrecy") {
        secrecy::run(zkml(), &mut workshop, report);
    }
    if wanted("cost") {
        cost::run(&mut workshop, report);
    }
    if wanted("contract") {
        contract::run(&mut workshop, report);
    }
    if wanted("validators") {
        batch::run(&mut workshop, report);
    }
    if wanted("throughput") {
        throughput::run(zkml(), &mut workshop, report);
    }
    if wanted("storm") {
        storm::run(zkml(), &mut workshop, report);
    }
}
