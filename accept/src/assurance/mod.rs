//! Gates that machines check, verifiers that agree, and a quotient that is blinded.

mod blinding;
mod circuits;
mod fresh;
mod gates;
mod python;
mod subject;

use crate::Args;
use crate::report::Report;
use crate::workshop::Workshop;

/// Runs all groups, or those that are asked for.
pub fn run(args: &Args, report: &mut Report) {
    let mut workshop = Workshop::default();
    let wanted = |name: &str| name.contains(&args.only);
    if wanted("gates") {
        gates::run(&args.python, report);
    }
    if wanted("blinding") {
        blinding::run(&mut workshop, report);
    }
    if wanted("python") {
        fresh::run(&args.python, report);
    }
    if wanted("circuits") {
        circuits::run(&args.python, report);
    }
}
