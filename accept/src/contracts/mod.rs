//! Contracts that verify: gas, agreement with the verifier in Rust, sources, a real node.

mod agreement;
mod anvil;
mod coordinator;
mod ezkl;
mod gas;
mod node;
mod sources;
mod speed;
mod tools;

use crate::data::{Digits, asset};
use crate::foundation::{CALIBRATION, LENET5, MLP, asset_model};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Setup, Workshop};
use crate::{Args, process};
use anyhow::Result;
use tools::Tools;
use zkml::{CompileOptions, FloatTensor, Model, Optimize, Proof};
use zkml_evm::Verifier;

/// A model with its keys, a proof, and what contracts need.
struct Subject {
    name: &'static str,
    /// Name of its contract.
    contract: &'static str,
    /// Most gas of a transaction that verifies a proof.
    gas: u64,
    source_model: Model,
    calibration: Vec<Vec<FloatTensor>>,
    setup: Setup,
    input: Vec<FloatTensor>,
    proof: Proof,
    verifier: Verifier,
}

/// Runs all groups, or those that are asked for.
pub fn run(args: &Args, report: &mut Report) {
    let wanted = |name: &str| name.contains(&args.only);
    let mut workshop = Workshop::default();
    let models = [(LENET5, "Lenet5Verifier", 450_000), (MLP, "MlpVerifier", 400_000)];
    let mut subjects = vec![];
    for ((name, file), contract, gas) in models {
        let item = Item::new(
            format!("{name}: proof for contracts"),
            "proves and verifies in Rust",
        );
        report.measure(item, || {
            let subject = Subject::new(&mut workshop, name, file, contract, gas)?;
            let [points, key_points] = subject.verifier.commitments();
            let figure = format!(
                "k = {}, proof of {} bytes, {points} points in it and {key_points} in the key, {} operations",
                subject.setup.model.k(),
                subject.verifier.proof_len(),
                subject.verifier.operations()
            );
            subjects.push(subject);
            Ok(Figure::new(true, figure))
        });
    }
    let tools = Tools::install();
    if wanted("gas") {
        gas::run(&subjects, &tools, report);
    }
    if wanted("agreement") {
        agreement::run(&subjects, &tools, report);
    }
    if wanted("sources") {
        sources::run(&subjects, &tools, report);
    }
    if wanted("node") {
        let zkml = process::zkml(args.zkml.as_deref());
        node::run(&zkml, &subjects, &mut workshop, &tools, report);
    }
    if wanted("speed") {
        speed::run(&subjects, &mut workshop, report);
    }
    if wanted("ezkl") {
        ezkl::run(args, &mut workshop, &tools, report);
    }
}

/// The tools, or why there are none: then what needs them falls short.
fn usable(tools: &Result<Tools>) -> Result<&Tools> {
    tools
        .as_ref()
        .map_err(|error| anyhow::anyhow!("needs Node.js and npm: {error:#}"))
}

impl Subject {
    fn new(
        workshop: &mut Workshop,
        name: &'static str,
        file: &str,
        contract: &'static str,
        gas: u64,
    ) -> Result<Self> {
        let mut calibration = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
        calibration.truncate(CALIBRATION);
        let source_model = asset_model(file, 1)?;
        let options = CompileOptions::default().optimize(Optimize::Evm);
        let setup = workshop.setup(&source_model, &calibration, &options)?;
        let input = calibration[0].clone();
        let proof = setup.prove(&input)?;
        setup.verifying_key.verify(&proof)?;
        let verifier = setup.verifying_key.contract()?;
        Ok(Self {
            name,
            contract,
            gas,
            source_model,
            calibration,
            setup,
            input,
            proof,
            verifier,
        })
    }

    /// The source of its own contract.
    fn source(&self) -> Result<String> {
        Ok(self.verifier.contract_source(self.contract)?)
    }
}
