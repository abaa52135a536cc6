//! The small ones

use crate::report::{Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use std::path::Path;

pub fn run(_zkml: Result<&Path>, _workshop: &mut Workshop, report: &mut Report) {
    report.not_run(&[Item::new("small", "-")], "not written yet");
}
