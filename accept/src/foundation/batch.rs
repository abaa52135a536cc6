//! What 16 digits in one proof cost beside 16 proofs.

use super::{CALIBRATION, LENET5, MLP, asset_model};
use crate::data::{Digits, asset};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use std::time::Duration;
use zkml::CompileOptions;

const BATCH: usize = 16;
const RUNS: usize = 3;

/// Measures both models.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    for ((name, file), bar) in [(LENET5, 0.5), (MLP, 0.15)] {
        let item = Item::new(
            format!("{name}: {BATCH} digits in one proof"),
            format!("at most {bar} of {BATCH} proofs"),
        );
        report.measure(item, || {
            let single = prove_time(workshop, file, 1)?.as_secs_f64();
            let batch = prove_time(workshop, file, BATCH)?.as_secs_f64();
            let part = batch / (BATCH as f64 * single);
            Ok(Figure::new(
                part <= bar,
                format!("{part:.3} ({batch:.2} s; one proof {single:.2} s; medians of {RUNS})"),
            ))
        });
    }
}

/// The time of a proof of `batch` digits. The proof is checked once.
fn prove_time(workshop: &mut Workshop, file: &str, batch: usize) -> Result<Duration> {
    let inputs = Digits::load(&asset("mnist_digits.npz"))?.inputs(batch)?;
    let model = asset_model(file, batch)?;
    let calibration = &inputs[..CALIBRATION.div_ceil(batch)];
    let setup = workshop.setup(&model, calibration, &CompileOptions::default())?;
    setup.prove_and_check(&inputs[0])?;
    setup.prove_time(&inputs[0], RUNS)
}
