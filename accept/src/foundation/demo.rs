//! The demo ends with a verified proof.

use crate::process;
use crate::report::{Figure, Item, Report};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Runs `zkml demo`.
pub fn run(zkml: Result<&Path>, report: &mut Report) {
    report.measure(
        Item::new("demo", "a verified proof, and another output rejected"),
        || {
            let finished = process::run(Command::new(zkml?).args(["demo", "--json", "--quiet"]))?;
            let result: serde_json::Value = serde_json::from_str(&finished.stdout)?;
            let verified = result["claim"]["tensors"]
                .as_array()
                .is_some_and(|tensors| !tensors.is_empty());
            let answer = if verified { "both" } else { "not both" };
            Ok(Figure::new(
                verified,
                format!("{answer}, {:.1} s in all", finished.time.as_secs_f64()),
            ))
        },
    );
}
