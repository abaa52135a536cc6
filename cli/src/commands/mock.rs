//! `zkml mock`.

use super::load_model;
use crate::input::InputArgs;
use crate::output::{Session, Verdict, describe_outputs, next_step};
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use zkml::{Digest, TensorValue};

/// Check every constraint on an input without proving anything: no SRS and no keys needed.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml mock model.zkml --input sample.json")]
pub struct MockArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Serialize)]
struct Checked<'a> {
    satisfied: bool,
    model_digest: &'a Digest,
    outputs: &'a [TensorValue],
}

/// Checks every constraint.
pub fn run(args: MockArgs, session: &Session) -> Result<Verdict> {
    let model = load_model(&args.model, session)?;
    let inputs = args.input.tensors(&model)?;
    let inference = model.mock(&inputs, session.progress())?;
    let result = Checked {
        satisfied: true,
        model_digest: model.digest(),
        outputs: &inference.outputs,
    };
    session.result(&result, || {
        format!(
            "Every constraint is satisfied.\n{}",
            describe_outputs(&inference.outputs)
        )
    })?;
    session.note(&next_step(&["setup"], &[&args.model]));
    Ok(Verdict::Good)
}
