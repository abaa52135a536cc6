//! The command line of zkml: prove in zero knowledge that a neural network produced an output.
//!
//! [`args`] are what clap parses and nothing else; [`config`] resolves them (defaults, files that
//! they name) into what a command does; [`commands`] does it, reading data with [`input`], asking
//! contracts through [`chain`] and speaking through [`output`].

mod args;
mod chain;
mod commands;
mod config;
mod input;
mod output;

use args::Cli;
use clap::Parser;
use output::{Session, Verdict};
use std::process::ExitCode;

/// Exit code of a proof that is invalid.
const INVALID: u8 = 1;
/// Exit code of everything that kept a command from giving an answer.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let session = Session::start(&cli.global);
    match commands::run(cli.command, &session) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::InvalidProof) => ExitCode::from(INVALID),
        Err(error) => {
            session.error(&error);
            ExitCode::from(FAILED)
        }
    }
}
