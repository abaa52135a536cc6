//! The commands. Each is one file or folder with its arguments, what it does, and what it prints.

mod ask;
mod calldata;
mod commit;
mod compile;
mod contract;
mod demo;
mod doctor;
mod identity;
mod inspect;
mod key;
mod keys;
mod mock;
mod open;
mod prove;
mod provider;
mod publish;
mod setup;
mod srs;
mod validate;
mod verify;

use crate::input::read_bounded;
use crate::output::{Session, Verdict};
use anyhow::{Context, Result};
use clap::Subcommand;
use std::path::Path;
use zkml::{CompiledModel, Error, Proof};

/// The commands; clap takes their texts from the types.
#[derive(Subcommand, Debug)]
pub enum Command {
    Demo(demo::DemoArgs),
    Inspect(inspect::InspectArgs),
    Compile(compile::CompileArgs),
    Srs(srs::SrsArgs),
    Setup(setup::SetupArgs),
    Commit(commit::CommitArgs),
    Prove(prove::ProveArgs),
    Verify(verify::VerifyArgs),
    Contract(contract::ContractArgs),
    Calldata(calldata::CalldataArgs),
    Open(open::OpenArgs),
    Mock(mock::MockArgs),
    Key(key::KeyArgs),
    Keys(keys::KeysArgs),
    Publish(publish::PublishArgs),
    Serve(provider::ServeArgs),
    Worker(provider::WorkerArgs),
    Identity(identity::IdentityArgs),
    Ask(ask::AskArgs),
    Resume(ask::ResumeArgs),
    Validate(validate::ValidateArgs),
    Doctor(doctor::DoctorArgs),
}

/// Runs a command.
pub fn run(command: Command, session: &Session) -> Result<Verdict> {
    match command {
        Command::Demo(args) => demo::run(args, session),
        Command::Inspect(args) => inspect::run(args, session),
        Command::Compile(args) => compile::run(args, session),
        Command::Srs(args) => srs::run(args, session),
        Command::Setup(args) => setup::run(args, session),
        Command::Commit(args) => commit::run(args, session),
        Command::Prove(args) => prove::run(args, session),
        Command::Verify(args) => verify::run(args, session),
        Command::Contract(args) => contract::run(args, session),
        Command::Calldata(args) => calldata::run(args, session),
        Command::Open(args) => open::run(args, session),
        Command::Mock(args) => mock::run(args, session),
        Command::Key(args) => key::run(args, session),
        Command::Keys(args) => keys::run(args, session),
        Command::Publish(args) => publish::run(args, session),
        Command::Serve(args) => provider::serve(args, session),
        Command::Worker(args) => provider::worker(args, session),
        Command::Identity(args) => identity::run(args, session),
        Command::Ask(args) => ask::run(args, session),
        Command::Resume(args) => ask::resume(args, session),
        Command::Validate(args) => validate::run(args, session),
        Command::Doctor(args) => doctor::run(args, session),
    }
}

fn load_model(path: &Path, session: &Session) -> Result<CompiledModel> {
    session
        .progress()
        .stage("reading the model", || CompiledModel::load(path))
        .with_context(|| format!("cannot use {} as a compiled model", path.display()))
}

/// The largest proof that is read.
const PROOF_LIMIT: u64 = 256 << 20;

/// Reads a proof in either form; the outer error is that of the file.
fn load_proof(path: &Path) -> Result<Result<Proof, Error>> {
    let bytes = read_bounded(path, PROOF_LIMIT)?;
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(Proof::from_bytes(&bytes));
    }
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{}: expected JSON in UTF-8, found other bytes", path.display()))?;
    Ok(Proof::from_json(&text))
}
