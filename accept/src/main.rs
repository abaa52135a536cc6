//! Acceptance runs: everything that a part of the project must show, measured on the machine at
//! hand. Prints one line per item and never leaves one out; the exit code is 1 if one falls short.

mod data;
mod foundation;
mod process;
mod reference;
mod report;
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
    /// Run only the groups whose name contains this: demo, digits, models, batch, speed, ezkl
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
}

/// The parts of the project.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// ONNX in, proof out: library and command line
    Foundation,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut report = Report::default();
    match args.part {
        Part::Foundation => foundation::run(&args, &mut report),
    }
    println!("{report}");
    ExitCode::from(u8::from(!report.holds()))
}
