//! Models that cannot refuse, and what that costs.

use crate::report::{Item, Report};
use crate::workshop::Workshop;

pub fn run(_workshop: &mut Workshop, report: &mut Report) {
    report.not_run(&[Item::new("saturation", "-")], "not written yet");
}
