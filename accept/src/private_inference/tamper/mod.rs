//! The tamper and replay matrix: each field of each message changed, each message where it does not
//! belong, each too late.

mod answers;
mod json;
mod manifests;
mod matrix;
mod proofs;
mod requests;
mod scene;

use super::site::Subject;
use crate::report::{Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use scene::Scene;
use std::path::Path;

/// Runs the matrix with the smallest real model.
pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let item = |message: &str| {
        Item::new(
            format!("tampering and replay: {message}"),
            "all rejected, with the reason",
        )
    };
    let items = ["requests", "answers", "proofs", "manifests and keys"]
        .map(item)
        .to_vec();
    let subjects = Subject::patients().and_then(|one| Ok((one, Subject::patients()?)));
    let (subject, other) = match subjects {
        Ok(subjects) => subjects,
        Err(reason) => return report.not_run(&items, &reason.to_string()),
    };
    report.measure_all(items, || {
        let scene = Scene::new(workshop, subject, other)?;
        Ok(vec![
            requests::figure(zkml?, &scene)?,
            answers::figure(&scene)?,
            proofs::figure(&scene)?,
            manifests::figure(&scene)?,
        ])
    });
}
