//! LeNet-5 on 1,000 digits: the integer model beside the float model, and real proofs.

use super::{LENET5, argmax};
use crate::data::{Digits, folders};
use crate::reference;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use std::path::Path;
use zkml::{CompileOptions, CompiledModel, FloatTensor, ImportOptions, Model};

const DIGITS: usize = 1_000;
const AGREEING: usize = 995;
/// Largest difference of the integer model's accuracy from float's, in points.
const ACCURACY: f64 = 0.3;
const CALIBRATION: usize = 200;
const PROOFS: usize = 20;

/// Runs the digits of the data folder.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let name = LENET5.0;
    let items = vec![
        Item::new(
            format!("{name}: same digit as float"),
            format!("at least {AGREEING} of {DIGITS}"),
        ),
        Item::new(
            format!("{name}: accuracy"),
            format!("within {ACCURACY} points of float's"),
        ),
        Item::new(
            format!("{name}: {PROOFS} digits proven"),
            "all verify, outputs equal the executor's",
        ),
    ];
    match folders() {
        Ok((models, data)) => report.measure_all(items, || {
            measure(workshop, &models.join(LENET5.1), &data.join("mnist_test.npz"))
        }),
        Err(reason) => report.not_run(&items, &reason),
    }
}

fn measure(workshop: &mut Workshop, model: &Path, digits: &Path) -> Result<Vec<Figure>> {
    let digits = Digits::load(digits)?;
    let inputs = digits.inputs(1)?;
    let float: Vec<_> = reference::outputs(model, &inputs)?
        .iter()
        .map(|outputs| argmax(&outputs[0]))
        .collect();
    let options = ImportOptions {
        batch: Some(1),
        ..ImportOptions::default()
    };
    let model = Model::load(model, &options)?;
    let setup = workshop.setup(
        &model,
        &inputs[..CALIBRATION.min(inputs.len())],
        &CompileOptions::default(),
    )?;

    let (integer, refused) = classify(&setup.model, &inputs);
    let agreeing = integer
        .iter()
        .zip(&float)
        .filter(|(a, b)| a.is_some() && a == b)
        .count();
    let right = |classes: &[Option<usize>]| {
        let right = classes
            .iter()
            .zip(&digits.labels)
            .filter(|(a, b)| **a == Some(**b))
            .count();
        100.0 * right as f64 / inputs.len() as f64
    };
    let (accuracy, float_accuracy) = (right(&integer), right(&float));

    let step = (inputs.len() / PROOFS).max(1);
    let chosen: Vec<_> = inputs.iter().step_by(step).take(PROOFS).collect();
    for input in &chosen {
        setup.prove_and_check(input)?;
    }
    Ok(vec![
        Figure::new(
            agreeing >= AGREEING && inputs.len() == DIGITS,
            format!(
                "{agreeing} of {} ({refused} refused as out of range)",
                inputs.len()
            ),
        ),
        Figure::new(
            (accuracy - float_accuracy).abs() <= ACCURACY,
            format!("{accuracy:.1} %, float {float_accuracy:.1} %"),
        ),
        Figure::new(
            chosen.len() >= PROOFS,
            format!("{} verify and equal", chosen.len()),
        ),
    ])
}

/// The digit that the integer model sees in each input, and how many inputs it refuses.
fn classify(model: &CompiledModel, inputs: &[Vec<FloatTensor>]) -> (Vec<Option<usize>>, usize) {
    let class = |input: &Vec<FloatTensor>| argmax(&model.run(input).ok()?.outputs[0].integers);
    let classes: Vec<_> = inputs.iter().map(class).collect();
    let refused = classes.iter().filter(|class| class.is_none()).count();
    (classes, refused)
}
