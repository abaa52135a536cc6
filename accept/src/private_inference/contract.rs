//! Committed weights in a contract.

use super::site::Subject;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result};
use zkml::commitments::PinnedModel;
use zkml::{CompileOptions, Optimize, ParamVisibility};
use zkml_evm::{Chain, Function};

/// Has the reusable verifier check a proof of LeNet-5.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let item = Item::new("committed weights: contract", "accepts the proof, for what gas");
    report.measure(item, || measure(workshop));
}

fn measure(workshop: &mut Workshop) -> Result<Figure> {
    let subject = Subject::digits()?;
    let options = CompileOptions::default()
        .optimize(Optimize::Evm)
        .params(ParamVisibility::Committed);
    let setup = workshop.setup(&subject.model, subject.calibration(), &options)?;
    let prover = setup.committed(PinnedModel::new)?;
    let pinned = prover.verifier().commitment().context("a commitment")?;
    let verifier = setup.verifying_key.contract_for(pinned)?;
    let proof = prover.prove(&subject.inputs[0])?;

    let mut chain = Chain::new();
    let (reusable, _) = chain.deploy(&verifier.reusable().init_code(), &[])?;
    let key = chain.deploy_key(&verifier)?;
    let data = proof.calldata(Function::Verify, Some(&key))?;
    let outcome = chain.transact(Chain::account(1), reusable, 0, data)?;
    Ok(Figure::new(
        outcome.is_true(),
        format!("{} gas, reusable verifier", outcome.gas),
    ))
}
