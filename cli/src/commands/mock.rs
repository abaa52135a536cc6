//! `zkml mock`.

use super::{load_input, load_model};
use crate::args::MockArgs;
use crate::output::{Session, Verdict, describe_outputs, next_step};
use anyhow::Result;
use serde::Serialize;
use zkml::{Digest, TensorValue};

#[derive(Serialize)]
struct Checked<'a> {
    satisfied: bool,
    model_digest: &'a Digest,
    outputs: &'a [TensorValue],
}

/// Checks every constraint.
pub fn run(args: MockArgs, session: &Session) -> Result<Verdict> {
    let model = load_model(&args.model, session)?;
    let inputs = load_input(&args.input, &model)?;
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
