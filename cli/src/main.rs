//! The command line of zkml: prove in zero knowledge that a neural network produced an output.
//!
//! [`commands`] has a file per command: its arguments, what it does and what it prints. [`config`] has the arguments that
//! several commands share, and resolves them (defaults, files that they name); [`input`] reads data, [`chain`] asks contracts,
//! and [`output`] prints.

mod chain;
mod commands;
mod config;
mod input;
mod output;

use clap::Parser;
use commands::Command;
use output::{Global, Session, Verdict};
use std::process::ExitCode;

/// Prove in zero knowledge that a neural network produced an output.
#[derive(Parser, Debug)]
#[command(name = "zkml", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
From a model to a verified proof:
  zkml compile model.onnx --calibrate samples.npz   writes model.zkml
  zkml srs import powers.ptau                       once per machine
  zkml setup model.zkml                             writes model.pk, model.vk and model.circuit
  zkml prove model.zkml --input sample.json         writes model.zkproof
  zkml verify --vk model.vk model.zkproof           needs neither the model nor the SRS
  zkml key check --circuit model.circuit --vk model.vk   is this key the model's?

For smart contracts, compile with --optimize evm, then:
  zkml contract model.vk                            writes ModelVerifier.sol
  zkml calldata model.zkproof                       prints the call that verifies it

For private inference, compile with --input hashed --params committed --context request --saturate:
  zkml publish model.zkml --keys provider.keys      writes model.manifest.json
  zkml serve model.manifest.json --keys provider.keys
  zkml ask http://HOST:8080 --input sample.json     writes answer.zkproof
  zkml validate answer.zkproof --manifest model.manifest.json --vk model.vk

Exit codes: 0 done, proven or valid; 1 the proof is invalid; 2 error.

To see it all at work without any file: zkml demo";

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
