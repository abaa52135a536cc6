//! Gadgets and linear constraints, checked by machine.

use super::python::solver;
use crate::process;
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;
use zkml_circuits::assurance::{Planted, exhaustive, export, ranks};

/// Gadgets whose cells have at most so many bits are tried whole.
const BITS: u32 = 16;
/// The same with planted errors.
const PLANTED_BITS: u32 = 8;
/// Random circuits whose ranks are computed, up to so many equations.
const SEEDS: u64 = 400;
const EQUATIONS: usize = 400;
/// Seconds for one formula.
const SECONDS: &str = "60";

/// Measures all of it.
pub fn run(python: &Path, report: &mut Report) {
    report.measure(
        Item::new(
            "gadgets: every assignment",
            "one for each operand, equal to the executor",
        ),
        || Ok(every_assignment()),
    );
    report.measure(
        Item::new(
            "linear constraints: ranks",
            "as many equations as regions call for",
        ),
        all_ranks,
    );
    let folder = tempfile::tempdir();
    let items = vec![
        Item::new(
            "gadgets: no wrap-around",
            "below 252 bits for all widths that compile",
        ),
        Item::new(
            "gadgets: proofs of uniqueness",
            "all formulas refuted, those with planted errors not",
        ),
    ];
    report.measure_all(items, || proofs(python, folder?.path()));
    for (planted, check) in [
        (Planted::DroppedBound, "every assignment"),
        (Planted::ChangedCoefficient, "every assignment"),
        (Planted::EqualWeights, "ranks"),
    ] {
        report.measure(
            Item::new(
                format!("planted: {planted:?}"),
                format!("{check} fails, the other holds"),
            ),
            || planted_shows(planted),
        );
    }
}

fn every_assignment() -> Figure {
    let all = exhaustive(BITS, None);
    let failures: Vec<&String> = all.iter().flat_map(|e| &e.failures).collect();
    let tried = all.iter().all(|e| e.gadgets > 0 && e.operands > 0);
    let sum = |of: fn(&zkml_circuits::assurance::Exhausted) -> u64| all.iter().map(of).sum::<u64>();
    let text = format!(
        "{} types, {} gadgets, {} assignments, {} operands; {} failures",
        all.len(),
        sum(|e| e.gadgets as u64),
        sum(|e| e.assignments),
        sum(|e| e.operands),
        failures.len()
    );
    Figure::new(tried && failures.is_empty(), text)
}

fn all_ranks() -> Result<Figure> {
    let found = ranks(0..SEEDS, EQUATIONS, None)?;
    Ok(Figure::new(
        found.circuits > 100 && found.failures.is_empty(),
        format!(
            "{} circuits, {} equations; {} failures",
            found.circuits,
            found.equations,
            found.failures.len()
        ),
    ))
}

fn proofs(python: &Path, folder: &Path) -> Result<Vec<Figure>> {
    let exported = export(folder)?;
    let bits = exported.iter().map(|e| e.bits).max().unwrap_or(0);
    let without: Vec<String> = exported
        .iter()
        .filter_map(|e| Some(format!("{} has none: {}", e.gadget, e.without?)))
        .collect();
    let widths: usize = exported.iter().map(|e| e.widths).sum();
    let jobs = std::thread::available_parallelism()?.get().to_string();
    let mut command = Command::new(solver(python)?);
    command
        .arg(crate::data::root().join("scripts/prove_gadgets.py"))
        .arg(folder)
        .args(["--seconds", SECONDS, "--jobs", &jobs]);
    let finished = process::run(&mut command)?;
    let total = finished
        .stdout
        .lines()
        .last()
        .context("the solver's script printed nothing")?;
    ensure!(total.starts_with("total "), "expected a total, found {total}");
    Ok(vec![
        Figure::new(exported.iter().all(|e| e.fits()), format!("{bits} bits at most")),
        Figure::new(
            true,
            format!(
                "{} types, {widths} widths; {total}; {}",
                exported.len(),
                without.join("; ")
            ),
        ),
    ])
}

/// A planted error shows in its check and in no other.
fn planted_shows(planted: Planted) -> Result<Figure> {
    let assignments: usize = exhaustive(PLANTED_BITS, Some(planted))
        .iter()
        .map(|e| e.failures.len())
        .sum();
    let ranks = ranks(0..40, EQUATIONS, Some(planted))?;
    let failed = (assignments > 0, !ranks.failures.is_empty());
    let expected = match planted {
        Planted::EqualWeights => (false, true),
        Planted::DroppedBound | Planted::ChangedCoefficient => (true, false),
    };
    Ok(Figure::new(
        failed == expected,
        format!(
            "every assignment: {assignments} failures; ranks: {} of {}",
            ranks.failures.len(),
            ranks.circuits
        ),
    ))
}
