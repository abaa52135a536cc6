//! What a cheap contract costs the prover.

use super::Subject;
use crate::report::{Figure, Item, Report};
use crate::workshop::{Turns, Workshop, turns};
use anyhow::Result;
use zkml::CompileOptions;

/// Most times the default's time that proving may take.
const RATIO: f64 = 2.0;
/// Proofs of each kind, which take turns.
const RUNS: usize = 5;

/// Compares the proving times.
pub fn run(subjects: &[&Subject], workshop: &mut Workshop, report: &mut Report) {
    for subject in subjects {
        let item = Item::new(
            format!("{}: proving for contracts", subject.name),
            "at most twice the time of the default",
        );
        report.measure(item, || measure(subject, workshop));
    }
}

fn measure(subject: &Subject, workshop: &mut Workshop) -> Result<Figure> {
    let options = CompileOptions::default();
    let default = workshop.setup(&subject.source_model, &subject.calibration, &options)?;
    let Turns {
        medians: [plain, evm],
        ratio,
    } = turns(
        RUNS,
        || default.prove(&subject.input),
        || subject.setup.prove(&subject.input),
    )?;
    Ok(Figure::new(
        ratio <= RATIO,
        format!(
            "{ratio:.2} ({:.2} s and {:.2} s, medians of {RUNS} in turn)",
            evm.as_secs_f64(),
            plain.as_secs_f64()
        ),
    ))
}
