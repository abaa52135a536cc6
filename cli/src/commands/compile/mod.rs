//! `zkml compile`.

mod choices;
mod context;
mod labels;

use choices::Calibration;
pub use choices::{CompileChoices, CompileConfig};

use crate::config::{beside, check_outputs};
use crate::input::{Samples, Wanted, random};
use crate::output::{Session, Verdict, describe_layout, next_step};
use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::report::{Layout, Report};
use zkml::{CompiledModel, Digest, FloatTensor, Model};

/// Turn an ONNX model into integers and a circuit.
///
/// The widths and scales of all tensors are chosen so that the integer model meets --accuracy on
/// the calibration data. The result holds the weights: keep it as you keep the model.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompileArgs {
    /// The ONNX model
    #[arg(value_name = "MODEL.onnx")]
    pub model: PathBuf,
    /// Where to write [default: the model's path with the extension .zkml]
    #[arg(short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// How it is compiled.
    #[command(flatten)]
    pub choices: CompileChoices,
}

const EXAMPLES: &str = "\
Examples:
  zkml compile model.onnx --calibrate samples.npz
  zkml compile mnist.onnx --calibrate digits.npz:images --pixel-scale 1/255 --batch 16
  zkml compile model.onnx --calibrate input.json --labels cat,dog --params fixed -o pets.zkml
  zkml compile model.onnx --calibrate random";

/// Sets of random calibration inputs.
const RANDOM_SETS: usize = 32;

#[derive(Serialize)]
struct Compiled<'a> {
    output: &'a Path,
    model_digest: &'a Digest,
    circuit: Layout,
    report: Option<&'a Report>,
}

/// Compiles a model.
pub fn run(args: CompileArgs, session: &Session) -> Result<Verdict> {
    let output = args.output_file.unwrap_or_else(|| beside(&args.model, "zkml"));
    let config = CompileConfig::resolve(args.model, output, args.choices)?;
    let sources = config.calibration.files();
    check_outputs([&*config.output], sources.chain([&*config.model]))?;
    let compiled = compiled(&config, session)?;
    compiled.save(&config.output)?;

    let layout = compiled.layout();
    let result = Compiled {
        output: &config.output,
        model_digest: compiled.digest(),
        circuit: layout.clone(),
        report: compiled.report(),
    };
    session.result(&result, || {
        let report = compiled
            .report()
            .map(|report| format!("{report}\n"))
            .unwrap_or_default();
        format!(
            "{report}model {}\n{}",
            compiled.digest(),
            describe_layout(&layout)
        )
    })?;
    session.note(&format!("wrote {}", config.output.display()));
    session.note(&next_step(&["setup"], &[&config.output]));
    Ok(Verdict::Good)
}

/// Imports a model and compiles it.
pub fn compiled(config: &CompileConfig, session: &Session) -> Result<CompiledModel> {
    let model = session
        .progress()
        .stage("importing the model", || {
            Model::load(&config.model, &config.import)
        })
        .with_context(|| format!("cannot import {}", config.model.display()))?;
    let calibration = calibration(config, &model, session)?;
    session.note(&format!("calibrating with {} input(s)", calibration.len()));
    Ok(model.compile(&calibration, &config.options, session.progress())?)
}

fn calibration(config: &CompileConfig, model: &Model, session: &Session) -> Result<Vec<Vec<FloatTensor>>> {
    let wanted: Vec<Wanted> = model.inputs().iter().map(Wanted::from).collect();
    match &config.calibration {
        Calibration::Random(range) => {
            session.warn(&format!(
                "calibrating with random numbers from {} to {}: real inputs may be refused or less exact",
                range.start, range.end
            ));
            Ok(random(&wanted, RANDOM_SETS, range.clone()))
        }
        Calibration::Files(sources) => {
            let mut sets = Vec::new();
            for source in sources {
                let samples = Samples::load(std::slice::from_ref(source), &wanted, config.pixel_scale)?;
                match source.index {
                    Some(index) => sets.push(samples.get(index)?),
                    None => sets.extend(samples.spread(config.samples)?),
                }
            }
            Ok(sets)
        }
    }
}
