//! What needs a GPU.

mod equality;
mod floor;
mod kernels;
mod proofs;
mod tools;

use super::{build, conformance_item};
use crate::Args;
use crate::report::{Figure, Report};
use anyhow::Result;
use std::path::PathBuf;
use zkml_kernels::Cuda;

pub use proofs::profiled;

/// Runs the groups that are asked for.
pub fn run(
    gpu: &Cuda,
    wanted: &dyn Fn(&str) -> bool,
    zkml: &Result<PathBuf>,
    args: &Args,
    report: &mut Report,
) {
    if wanted("conformance") {
        report.measure(conformance_item(), || conformance(gpu));
    }
    if wanted("equality") {
        equality::run(gpu, report);
    }
    if wanted("kernels") {
        kernels::run(gpu, args, report);
    }
    if wanted("proofs") {
        proofs::run(gpu, zkml, report);
    }
    if wanted("busy") {
        tools::busy(report);
    }
    if wanted("sanitizer") {
        tools::sanitizer(report);
    }
}

fn conformance(gpu: &Cuda) -> Result<Figure> {
    let before = gpu.activity().operations;
    let figure = build::conforms(gpu)?;
    let operations = gpu.activity().operations - before;
    Ok(figure.and(operations > 100, format!("{operations} operations on the GPU")))
}
