//! Checks of gadgets and linear constraints by machine, of any size:
//!
//! * `exhaustive BITS`: every assignment of all gadgets whose cells have at most so many bits;
//! * `ranks SEEDS EQUATIONS`: the ranks of the circuits of so many random graphs, up to so many equations;
//! * `formulas FOLDER`: what a solver must refute of each gadget, for `scripts/prove_gadgets.py`.
//!
//! Prints a line for each gadget, or one for all circuits, and fails if anything does not hold.

use std::path::Path;
use std::process::ExitCode;
use zkml_circuits::assurance::{exhaustive, export, ranks};

const USAGE: &str = "expected `exhaustive BITS`, `ranks SEEDS EQUATIONS` or `formulas FOLDER`";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let found = match args[..] {
        ["exhaustive", bits] => bits.parse().map_err(|_| USAGE.into()).and_then(every_assignment),
        ["ranks", seeds, most] => match (seeds.parse(), most.parse()) {
            (Ok(seeds), Ok(most)) => all_ranks(seeds, most),
            _ => Err(USAGE.into()),
        },
        ["formulas", folder] => formulas(Path::new(folder)),
        _ => Err(format!("{USAGE}, found {args:?}")),
    };
    match found {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn every_assignment(bits: u32) -> Result<(), String> {
    let mut failures = vec![];
    for e in exhaustive(bits, None) {
        println!(
            "gadget={} gadgets={} assignments={} operands={} failures={}",
            e.gadget,
            e.gadgets,
            e.assignments,
            e.operands,
            e.failures.len()
        );
        failures.extend(e.failures);
    }
    none(&failures)
}

fn all_ranks(seeds: u64, most: usize) -> Result<(), String> {
    let found = ranks(0..seeds, most, None).map_err(|e| e.to_string())?;
    let failures: Vec<String> = found
        .failures
        .iter()
        .map(|(seed, r)| format!("seed {seed}: {r:?}"))
        .collect();
    println!(
        "circuits={} equations={} failures={}",
        found.circuits,
        found.equations,
        failures.len()
    );
    none(&failures)
}

fn formulas(folder: &Path) -> Result<(), String> {
    let exported = export(folder).map_err(|e| format!("expected to write to {}: {e}", folder.display()))?;
    let mut wide = vec![];
    for e in &exported {
        let reason = e
            .without
            .map(|reason| format!(" without={reason}"))
            .unwrap_or_default();
        println!(
            "gadget={} widths={} formulas={} bits={}{reason}",
            e.gadget, e.widths, e.formulas, e.bits
        );
        if !e.fits() {
            wide.push(format!(
                "{}: expected at most 252 bits, found {}",
                e.gadget, e.bits
            ));
        }
    }
    none(&wide)
}

/// What does not hold, as an error.
fn none(failures: &[String]) -> Result<(), String> {
    match failures {
        [] => Ok(()),
        _ => Err(failures.join("\n")),
    }
}
