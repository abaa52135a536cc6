//! Frozen answers, and fresh proofs of models, through all verifiers.

use super::python;
use super::subject::{Srses, judge, subject};
use crate::data::{random_inputs, root, tensor};
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use zkml::{CompileOptions, FloatTensor, ImportOptions, Model, ParamVisibility, Progress, TranscriptKind};

/// Models of `tests/models`.
const MODELS: [&str; 5] = [
    "net_attention",
    "net_residual",
    "conv_groups",
    "layer_norm",
    "softmax",
];
/// Inputs that models are calibrated with.
const INPUTS: u64 = 20;
/// Changes of each proof.
const CHANGES: usize = 5;

/// Measures both.
pub fn run(python: &Path, report: &mut Report) {
    let item = Item::new(
        "Python: frozen answers",
        "every challenge and pairing input as recorded",
    );
    report.measure(item, || {
        let agreed = python::judge(python, "vectors", &root().join("tests/fixtures/vectors"))?;
        Ok(Figure::new(
            true,
            format!("{}; {:.1} s", agreed.summary, agreed.time.as_secs_f64()),
        ))
    });
    let count = 4 * MODELS.len();
    let item = Item::new(
        "Python: fresh proofs of models",
        format!(
            "{count} of {} models accepted, {} changed ones rejected",
            MODELS.len(),
            count * CHANGES
        ),
    );
    report.measure(item, || models(python));
}

fn models(python: &Path) -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let mut srses = Srses::default();
    let (mut proofs, mut changed) = (0, 0);
    for name in MODELS {
        let source = root().join("tests/models").join(name);
        let model = Model::load(&source.join("network.onnx"), &ImportOptions::default())?;
        let shapes = model.inputs().iter().map(|input| {
            let count = input.shape.iter().product();
            tensor(&input.shape, vec![0.0; count])
        });
        let zeros: Vec<FloatTensor> = shapes.collect::<Result<_>>()?;
        let inputs = (0..INPUTS).map(|seed| random_inputs(&zeros, seed));
        let inputs: Vec<Vec<FloatTensor>> = inputs.collect::<Result<_>>()?;
        for params in [ParamVisibility::Private, ParamVisibility::Committed] {
            let options = CompileOptions::default().params(params);
            let compiled = model.compile(&inputs, &options, &Progress::none())?;
            for transcript in [TranscriptKind::Blake2b, TranscriptKind::Evm] {
                let valid = subject(compiled.clone(), transcript, [&inputs[0], &inputs[1]], &mut srses)
                    .with_context(|| format!("{name}, {params:?}, {transcript}"))?;
                let folder = folder.path().join(format!("{name}-{params:?}-{transcript}"));
                let verdicts = judge(&valid, changed, CHANGES, &folder)?;
                for verdict in verdicts {
                    let rejected = verdict.verdict.rejected.is_some();
                    ensure!(
                        rejected == verdict.change.is_some(),
                        "{name}: {:?}",
                        verdict.change
                    );
                    proofs += usize::from(!rejected);
                    changed += usize::from(rejected);
                }
            }
        }
    }
    let agreed = python::judge(python, "judge", folder.path())?;
    Ok(Figure::new(
        proofs == 4 * MODELS.len() && changed == proofs * CHANGES,
        format!(
            "{proofs} and {changed}; {}; {:.1} s",
            agreed.summary,
            agreed.time.as_secs_f64()
        ),
    ))
}
