//! The commands, one file each.

mod compile;
mod demo;
mod inspect;
mod mock;
mod prove;
mod setup;
mod srs;
mod verify;

use crate::args::{Command, InputArgs};
use crate::input::{Samples, Wanted};
use crate::output::{Session, Verdict};
use anyhow::{Context, Result};
use std::path::Path;
use zkml::{CompiledModel, FloatTensor};

/// Runs a command.
pub fn run(command: Command, session: &Session) -> Result<Verdict> {
    match command {
        Command::Demo(args) => demo::run(args, session),
        Command::Inspect(args) => inspect::run(args, session),
        Command::Compile(args) => compile::run(args, session),
        Command::Srs(args) => srs::run(args, session),
        Command::Setup(args) => setup::run(args, session),
        Command::Prove(args) => prove::run(args, session),
        Command::Verify(args) => verify::run(args, session),
        Command::Mock(args) => mock::run(args, session),
    }
}

fn load_model(path: &Path, session: &Session) -> Result<CompiledModel> {
    session
        .progress()
        .stage("reading the model", || CompiledModel::load(path))
        .with_context(|| format!("cannot use {} as a compiled model", path.display()))
}

fn load_input(args: &InputArgs, model: &CompiledModel) -> Result<Vec<FloatTensor>> {
    let wanted: Vec<Wanted> = model.inputs().iter().map(Wanted::from).collect();
    let samples = Samples::load(&args.input, &wanted, args.pixel_scale)?;
    let chosen = args.input.iter().find_map(|source| source.index);
    samples.pick(args.index.or(chosen))
}
