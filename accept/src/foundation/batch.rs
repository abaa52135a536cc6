//! What 16 digits in one proof cost beside 16 proofs.

use super::{CALIBRATION, LENET5, MLP, asset_model};
use crate::data::{Digits, asset};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Setup, Workshop, turns};
use anyhow::Result;
use zkml::{CompileOptions, FloatTensor};

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
            let (one, one_input) = checked_setup(workshop, file, 1)?;
            let (many, many_inputs) = checked_setup(workshop, file, BATCH)?;
            let times = turns(RUNS, || one.prove(&one_input), || many.prove(&many_inputs))?;
            let [single, batch] = times.medians.map(|time| time.as_secs_f64());
            let part = times.ratio / BATCH as f64;
            Ok(Figure::new(
                part <= bar,
                format!("{part:.3} ({batch:.2} s; one proof {single:.2} s; medians of {RUNS})"),
            ))
        });
    }
}

/// The keys of a model for `batch` digits, and an input whose proof was checked.
fn checked_setup(workshop: &mut Workshop, file: &str, batch: usize) -> Result<(Setup, Vec<FloatTensor>)> {
    let mut inputs = Digits::load(&asset("mnist_digits.npz"))?.inputs(batch)?;
    let model = asset_model(file, batch)?;
    let calibration = &inputs[..CALIBRATION.div_ceil(batch)];
    let setup = workshop.setup(&model, calibration, &CompileOptions::default())?;
    let input = inputs.swap_remove(0);
    setup.prove_and_check(&input)?;
    Ok((setup, input))
}
