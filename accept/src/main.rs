//! Acceptance runs: everything that a part of the project must show, measured on the machine at
//! hand. Prints one line per item and never leaves one out; the exit code is 1 if one falls short.

mod assurance;
mod contracts;
mod cuda;
mod data;
mod engine;
mod foundation;
mod private_inference;
mod process;
mod reference;
mod report;
mod trust;
mod workshop;

use clap::{Parser, ValueEnum};
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure what the project must show: one line per item, exit code 1 if one falls short.
#[derive(Parser, Debug)]
struct Args {
    /// Which part
    part: Part,
    /// Run only the groups whose name contains this. Of the foundation: demo, speed, batch, digits,
    /// models, ezkl; of the engine: memory, scale, equality, kernels, srs, proofs, ezkl; of the contracts:
    /// gas, agreement, sources, node, speed, ezkl; of private inference: tamper, unlinkable,
    /// secrecy, cost, contract, validators, throughput, storm; of trust: refusals, saturation, keys, srs,
    /// contracts, small; of assurance: gates, blinding, python, mutations, circuits; of cuda: build, choice, conformance,
    /// equality, kernels, proofs, busy, sanitizer
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Do not run EZKL, which takes several minutes and 12 GB
    #[arg(long)]
    skip_ezkl: bool,
    /// The binary `zkml` [default: beside this program]
    #[arg(long, value_name = "FILE")]
    zkml: Option<PathBuf>,
    /// Python 3 that makes the virtual environment of EZKL
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
    /// Prove once and print the memory that it took: what `engine` runs of itself
    #[arg(long, value_name = "PROVER", hide = true, requires = "folder")]
    memory_of: Option<String>,
    /// The program of benches/cuda-peer, which times halo2-axiom-gpu [default: none]
    #[cfg_attr(not(feature = "cuda"), allow(dead_code))]
    #[arg(long, value_name = "FILE")]
    peer: Option<PathBuf>,
    /// Prove the synthetic circuit on the GPU and nothing else: what `cuda` profiles
    #[arg(long, hide = true)]
    profiled: bool,
    #[arg(value_name = "DIR", hide = true)]
    folder: Option<PathBuf>,
}

/// The parts of the project.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// ONNX in, proof out: library and command line
    Foundation,
    /// The proving engine beside the upstream prover
    Engine,
    /// Contracts that verify proofs
    Contracts,
    /// Sealed requests, proven answers, a service that is killed
    PrivateInference,
    /// Refusals, keys, SRS: what "valid" rests on
    Trust,
    /// Gates checked by machine, and verifiers that agree
    Assurance,
    /// Proofs on CUDA GPUs
    Cuda,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let (Some(prover), Some(folder)) = (&args.memory_of, &args.folder) {
        return match engine::memory_child(prover, folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(2)
            }
        };
    }
    if args.profiled {
        return match cuda::profiled() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(2)
            }
        };
    }
    let mut report = Report::default();
    match args.part {
        Part::Foundation => foundation::run(&args, &mut report),
        Part::Engine => engine::run(&args, &mut report),
        Part::Contracts => contracts::run(&args, &mut report),
        Part::PrivateInference => private_inference::run(&args, &mut report),
        Part::Trust => trust::run(&args, &mut report),
        Part::Assurance => assurance::run(&args, &mut report),
        Part::Cuda => cuda::run(&args, &mut report),
    }
    println!("{report}");
    ExitCode::from(u8::from(!report.holds()))
}
