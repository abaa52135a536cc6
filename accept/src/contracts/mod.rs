//! Contracts that verify: gas, agreement with the verifier in Rust, sources, a real node.

mod agreement;
mod anvil;
mod coordinator;
mod ezkl;
mod gas;
mod node;
mod sources;
mod speed;
pub(crate) mod tools;

use crate::data::{Digits, asset};
use crate::foundation::{CALIBRATION, LENET5, MLP, asset_model};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Setup, Workshop};
use crate::{Args, process};
use anyhow::Result;
use tools::Tools;
use zkml::commitments::PinnedModel;
use zkml::{CompileOptions, FloatTensor, Model, Optimize, ParamVisibility, Proof, Prover};
use zkml_evm::Verifier;

/// A model with its keys, a proof, and what contracts need.
pub struct Subject {
    name: &'static str,
    /// Name of its contract.
    contract: &'static str,
    /// Most gas of a transaction that verifies a proof, where there is a bar.
    gas: Option<u64>,
    source_model: Model,
    calibration: Vec<Vec<FloatTensor>>,
    setup: Setup,
    input: Vec<FloatTensor>,
    /// A proof, for the first digit.
    pub proof: Proof,
    /// What made the proof; where parameters are committed, with their commitment.
    prover: Prover,
    /// What contracts need.
    pub verifier: Verifier,
}

/// Which contract a subject is for.
pub struct Kind {
    /// Name for people.
    pub name: &'static str,
    /// The model's file.
    pub file: &'static str,
    /// Name of its contract.
    pub contract: &'static str,
    /// Who sees the weights.
    pub params: ParamVisibility,
    /// Most gas of a transaction that verifies a proof, where there is a bar.
    pub gas: Option<u64>,
}

/// Runs all groups, or those that are asked for.
pub fn run(args: &Args, report: &mut Report) {
    let wanted = |name: &str| name.contains(&args.only);
    let mut workshop = Workshop::default();
    let kind = |(name, file), contract, params, gas| Kind {
        name,
        file,
        contract,
        params,
        gas,
    };
    let (private, committed) = (ParamVisibility::Private, ParamVisibility::Committed);
    let kinds = [
        kind(LENET5, "Lenet5Verifier", private, Some(450_000)),
        kind(MLP, "MlpVerifier", private, Some(400_000)),
        kind(
            ("LeNet-5, committed weights", LENET5.1),
            "Lenet5LinkedVerifier",
            committed,
            None,
        ),
        kind(
            ("MNIST MLP, committed weights", MLP.1),
            "MlpLinkedVerifier",
            committed,
            None,
        ),
    ];
    let mut subjects = vec![];
    for kind in kinds {
        let item = Item::new(
            format!("{}: proof for contracts", kind.name),
            "proves and verifies in Rust",
        );
        report.measure(item, || {
            let subject = Subject::new(&mut workshop, kind)?;
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
    // The others differ in nothing that these groups are about.
    let private: Vec<&Subject> = subjects
        .iter()
        .filter(|s| s.prover.verifier().commitment().is_none())
        .collect();
    if wanted("node") {
        let zkml = process::zkml(args.zkml.as_deref());
        node::run(&zkml, &private, &mut workshop, &tools, report);
    }
    if wanted("speed") {
        speed::run(&private, &mut workshop, report);
    }
    if wanted("ezkl") {
        ezkl::run(args, &mut workshop, &tools, report);
    }
}

/// The tools, or why there are none: then what needs them falls short.
pub(crate) fn usable(tools: &Result<Tools>) -> Result<&Tools> {
    tools
        .as_ref()
        .map_err(|error| anyhow::anyhow!("needs Node.js and npm: {error:#}"))
}

impl Subject {
    /// Makes keys, a proof, and what goes with them.
    pub fn new(workshop: &mut Workshop, kind: Kind) -> Result<Self> {
        let mut calibration = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
        calibration.truncate(CALIBRATION);
        let source_model = asset_model(kind.file, 1)?;
        let options = CompileOptions::default()
            .optimize(Optimize::Evm)
            .params(kind.params);
        let setup = workshop.setup(&source_model, &calibration, &options)?;
        let input = calibration[0].clone();
        let prover = match setup.verifying_key.commits_params() {
            false => setup.builder().build()?,
            true => setup.committed(PinnedModel::new)?,
        };
        let proof = prover.prove(&input)?;
        let verifier = match prover.verifier().commitment() {
            None => setup.verifying_key.contract()?,
            Some(pinned) => setup.verifying_key.contract_for(pinned)?,
        };
        let subject = Self {
            name: kind.name,
            contract: kind.contract,
            gas: kind.gas,
            source_model,
            calibration,
            setup,
            input,
            proof,
            prover,
            verifier,
        };
        subject.verify(&subject.proof)?;
        Ok(subject)
    }

    /// The verdict in Rust.
    fn verify(&self, proof: &Proof) -> Result<(), zkml::Error> {
        self.prover.verifier().verify(proof).map(|_| ())
    }

    /// The source of its own contract.
    fn source(&self) -> Result<String> {
        Ok(self.verifier.contract_source(self.contract)?)
    }
}
