//! ONNX in, proof out, from the library and the command line.

mod batch;
mod demo;
mod digits;
pub mod ezkl;
mod models;
mod speed;

use crate::report::Report;
use crate::workshop::Workshop;
use crate::{Args, process};
use anyhow::Result;
use zkml::{ImportOptions, Model};

/// Runs all groups, or those that are asked for. Processes whose memory counts come first.
pub fn run(args: &Args, report: &mut Report) {
    let zkml = process::zkml(args.zkml.as_deref());
    let zkml = || process::found(&zkml);
    let mut workshop = Workshop::default();
    let wanted = |name: &str| name.contains(&args.only);
    if wanted("demo") {
        demo::run(zkml(), report);
    }
    if wanted("speed") {
        speed::run(zkml(), &mut workshop, report);
    }
    if wanted("batch") {
        batch::run(&mut workshop, report);
    }
    if wanted("digits") {
        digits::run(&mut workshop, report);
    }
    if wanted("models") {
        models::run(&mut workshop, report);
    }
    if wanted("ezkl") {
        ezkl::run(zkml(), args, report);
    }
}

/// The models in `assets`: names for people, and files.
pub const LENET5: (&str, &str) = ("LeNet-5", "mnist_lenet5.onnx");
pub const MLP: (&str, &str) = ("MNIST MLP", "mnist_mlp.onnx");

/// Digits that these models are calibrated with.
pub const CALIBRATION: usize = 100;

/// A model of `assets`.
pub fn asset_model(file: &str, batch: usize) -> Result<Model> {
    let options = ImportOptions {
        batch: Some(batch),
        ..ImportOptions::default()
    };
    Ok(Model::load(&crate::data::asset(file), &options)?)
}

/// Index of the first largest element.
fn argmax<T: PartialOrd>(values: impl IntoIterator<Item = T>) -> Option<usize> {
    let mut best: Option<(usize, T)> = None;
    for (index, value) in values.into_iter().enumerate() {
        if best.as_ref().is_none_or(|(_, largest)| value > *largest) {
            best = Some((index, value));
        }
    }
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::argmax;

    #[test]
    fn ties_go_to_the_first() {
        assert_eq!(argmax([1, 3, 2, 3]), Some(1));
        assert_eq!(argmax::<i32>([]), None);
    }
}
