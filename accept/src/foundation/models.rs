//! Every model of the models folder: compiles, proves, verifies, and is accurate.

use crate::data::{Digits, array, folders, json_inputs, random_inputs, tensor};
use crate::reference;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Instant;
use zkml::{CompileOptions, FloatTensor, ImportOptions, Model};

/// Models that the folder is expected to hold.
const COUNT: usize = 20;
/// Inputs that models are calibrated and measured with.
const INPUTS: usize = 20;
/// Rows of a data set that models are calibrated and measured with.
const ROWS: usize = 100;
/// Largest error relative to the range of an output.
const ERROR: f64 = 1e-2;
/// The same for models that come with a data set.
const ERROR_WITH_DATA: f64 = 2e-3;

/// A model and where its inputs are.
struct Entry {
    name: String,
    path: PathBuf,
    inputs: Inputs,
}

enum Inputs {
    /// Digits of an archive.
    Digits(PathBuf),
    /// Rows of 30 features of an archive.
    Features(PathBuf),
    /// One input; random ones stand beside it.
    Json(PathBuf),
}

impl Entry {
    fn bar(&self) -> f64 {
        match self.inputs {
            Inputs::Json(_) => ERROR,
            Inputs::Digits(_) | Inputs::Features(_) => ERROR_WITH_DATA,
        }
    }
}

/// Runs all models of the folder.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let all = Item::new("models", format!("all {COUNT} there"));
    let entries = match folders() {
        Err(reason) => return report.not_run(&[all], &reason),
        Ok((models, data)) => match entries(&models, &data) {
            Err(error) => return report.measure(all, || Err(error)),
            Ok(entries) => entries,
        },
    };
    report.measure(all, || {
        Ok(Figure::new(entries.len() >= COUNT, entries.len().to_string()))
    });
    for entry in entries {
        let item = Item::new(
            format!("model {}", entry.name),
            format!("proof verifies, error below {:.0e}", entry.bar()),
        );
        report.measure(item, || measure(workshop, &entry));
    }
}

/// The models in a folder: files `NAME.onnx`, and folders with `network.onnx` and `input.json`.
fn entries(models: &Path, data: &Path) -> Result<Vec<Entry>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(models)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("cannot list {}", models.display()))?;
    paths.sort();
    let entry = |path: PathBuf| {
        let name = path.file_stem()?.to_string_lossy().into_owned();
        if path.is_dir() {
            let (model, inputs) = (path.join("network.onnx"), path.join("input.json"));
            return model.is_file().then_some(Entry {
                name,
                path: model,
                inputs: Inputs::Json(inputs),
            });
        }
        let inputs = if name.starts_with("mnist") {
            Inputs::Digits(data.join("mnist_test.npz"))
        } else {
            Inputs::Features(data.join("breast_cancer_test.npz"))
        };
        (path.extension()? == "onnx").then_some(Entry { name, path, inputs })
    };
    Ok(paths.into_iter().filter_map(entry).collect())
}

fn inputs(entry: &Entry, model: &Model) -> Result<Vec<Vec<FloatTensor>>> {
    match &entry.inputs {
        Inputs::Digits(path) => {
            let mut inputs = Digits::load(path)?.inputs(1)?;
            inputs.truncate(ROWS);
            Ok(inputs)
        }
        Inputs::Features(path) => {
            let values: Vec<f32> = array(path, "features")?;
            let shape = &model.inputs().first().context("the model has no input")?.shape;
            let rows = values
                .chunks_exact(shape.iter().product::<usize>().max(1))
                .take(ROWS);
            rows.map(|row| Ok(vec![tensor(shape, row.to_vec())?])).collect()
        }
        Inputs::Json(path) => {
            let given = json_inputs(path, model)?;
            let random = (1..INPUTS as u64).map(|seed| random_inputs(&given, seed));
            std::iter::once(Ok(given.clone())).chain(random).collect()
        }
    }
}

fn measure(workshop: &mut Workshop, entry: &Entry) -> Result<Figure> {
    let options = ImportOptions {
        batch: Some(1),
        ..ImportOptions::default()
    };
    let model = Model::load(&entry.path, &options)?;
    let inputs = inputs(entry, &model)?;
    let reference = reference::outputs(&entry.path, &inputs)?;
    // The target leaves the bar a margin: float references differ from each other, too.
    let options = CompileOptions::default().accuracy(0.9 * entry.bar());
    let setup = workshop.setup(&model, &inputs, &options)?;
    let outputs = |input: &Vec<FloatTensor>| {
        let outputs = setup.model.run(input)?.outputs;
        Ok(outputs.into_iter().map(|tensor| tensor.values).collect())
    };
    let found: Vec<Vec<Vec<f64>>> = inputs.iter().map(outputs).collect::<Result<_>>()?;
    let error = reference::worst_error(&found, &reference)?;
    let start = Instant::now();
    setup.prove_and_check(&inputs[0])?;
    Ok(Figure::new(
        error < entry.bar() && inputs.len() >= INPUTS,
        format!(
            "verified; error {error:.1e} over {} inputs (k = {}, proven and checked in {:.2} s)",
            inputs.len(),
            setup.model.k(),
            start.elapsed().as_secs_f64()
        ),
    ))
}
