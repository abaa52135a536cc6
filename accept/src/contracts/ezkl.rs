//! Gas beside EZKL's contract for the same model: same compiler, same EVM, private input and parameters, public output.

use super::tools::{Compiler, Tools, contract};
use super::usable;
use crate::data::{bench, folders, json_inputs, random_inputs};
use crate::foundation::ezkl::install;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use crate::{Args, process};
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;
use zkml::{CompileOptions, ImportOptions, Model, Optimize};
use zkml_evm::{Chain, Function};

/// The model, of those in the folder of larger ones.
const MODEL: &str = "4l_relu_conv_fc";
/// Inputs that it is calibrated with.
const INPUTS: u64 = 20;

/// Compares the gas of both contracts.
pub fn run(args: &Args, workshop: &mut Workshop, tools: &Result<Tools>, report: &mut Report) {
    let item = Item::new(format!("{MODEL}: gas beside EZKL"), "less than EZKL's contract");
    if args.skip_ezkl {
        return report.not_run(&[item], "--skip-ezkl");
    }
    let folder = match folders() {
        Ok((models, _)) => models.join(MODEL),
        Err(reason) => return report.not_run(&[item], &reason),
    };
    // Where EZKL cannot be installed there is nothing to compare with.
    if let Err(error) = install(&args.python) {
        return report.not_run(&[item], &format!("EZKL cannot be installed: {error:#}"));
    }
    report.measure(item, || {
        let (own, own_code) = own(&folder, workshop, usable(tools)?)?;
        let (ezkl, ezkl_code) = ezkl(&folder, &args.python, usable(tools)?)?;
        Ok(Figure::new(
            own < ezkl,
            format!("{own} gas and {own_code} bytes of code, EZKL {ezkl} gas and {ezkl_code} bytes"),
        ))
    });
}

/// Gas of a transaction that verifies our proof, and size of the code.
fn own(folder: &Path, workshop: &mut Workshop, tools: &Tools) -> Result<(u64, usize)> {
    let options = ImportOptions {
        batch: Some(1),
        ..ImportOptions::default()
    };
    let model = Model::load(&folder.join("network.onnx"), &options)?;
    let given = json_inputs(&folder.join("input.json"), &model)?;
    let random = (1..INPUTS).map(|seed| random_inputs(&given, seed));
    let inputs: Vec<_> = std::iter::once(Ok(given.clone()))
        .chain(random)
        .collect::<Result<_>>()?;
    let options = CompileOptions::default().optimize(Optimize::Evm);
    let setup = workshop.setup(&model, &inputs, &options)?;
    let proof = setup.prove(&given)?;
    let source = setup.verifying_key.contract()?.contract_source("OwnVerifier")?;
    let compiled = tools.compile(Compiler::Newest, "OwnVerifier", &source)?;
    let mut chain = Chain::new();
    let (address, _) = chain.deploy(&compiled.init, &[])?;
    let data = proof.calldata(Function::Verify, None)?;
    let outcome = chain.transact(Chain::account(1), address, 0, data)?;
    ensure!(
        outcome.is_true(),
        "expected our contract to accept, found {outcome:?}"
    );
    Ok((outcome.gas, compiled.runtime.len()))
}

/// The same of EZKL.
fn ezkl(folder: &Path, python: &Path, tools: &Tools) -> Result<(u64, usize)> {
    let work = tempfile::tempdir()?;
    let mut command = Command::new(python);
    command.arg(bench("ezkl_contract.py"));
    for (name, file) in [("--model", "network.onnx"), ("--input", "input.json")] {
        command.arg(name).arg(folder.join(file));
    }
    process::run(command.arg("--work").arg(work.path()))?;
    let all = tools.compile_foreign(work.path().join("Verifier.sol"))?;
    let compiled = contract(&all, "Halo2Verifier")?;
    let mut chain = Chain::new();
    let (address, _) = chain.deploy(&compiled.init, &[])?;
    let data = std::fs::read(work.path().join("calldata.bin"))?;
    let outcome = chain.transact(Chain::account(1), address, 0, data)?;
    ensure!(
        outcome.is_true(),
        "expected EZKL's contract to accept, found {outcome:?}"
    );
    Ok((outcome.gas, compiled.runtime.len()))
}
