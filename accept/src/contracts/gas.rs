//! What a transaction that verifies a proof costs, and how large the code is.

use super::tools::{Compiler, Tools};
use super::{Subject, usable};
use crate::report::{Figure, Item, Report};
use anyhow::{Result, ensure};
use zkml_evm::{CODE_LIMIT, Chain, Function, KeyContract};

/// What the reusable verifier may cost more.
const REUSABLE: f64 = 1.15;

/// Measures all models.
pub fn run(subjects: &[Subject], tools: &Result<Tools>, report: &mut Report) {
    for subject in subjects {
        let name = subject.name;
        let items = vec![
            Item::new(
                format!("{name}: gas, own contract"),
                match subject.gas {
                    Some(gas) => format!("at most {gas}, whole transaction, fork {}", Chain::FORK),
                    None => format!("accepts the proof, whole transaction, fork {}", Chain::FORK),
                },
            ),
            Item::new(
                format!("{name}: code of its contract"),
                format!("at most {CODE_LIMIT} bytes"),
            ),
            Item::new(
                format!("{name}: gas, reusable verifier"),
                "at most 15 % more than its own contract",
            ),
        ];
        report.measure_all(items, || measure(subject, usable(tools)?));
    }
}

fn measure(subject: &Subject, tools: &Tools) -> Result<Vec<Figure>> {
    let compiled = tools.compile(Compiler::Newest, subject.contract, &subject.source()?)?;
    let mut chain = Chain::new();
    let (own, own_deployment) = chain.deploy(&compiled.init, &[])?;
    let (reusable, _) = chain.deploy(&subject.verifier.reusable().init_code(), &[])?;
    let (address, key_deployment) = chain.deploy(&subject.verifier.key_init_code()?, &[])?;
    let key = KeyContract {
        address,
        code_hash: subject.verifier.key_code_hash()?,
    };
    let mut cost = |to, key: Option<&KeyContract>| -> Result<(u64, u64)> {
        let data = subject.proof.calldata(Function::Verify, key)?;
        let bytes = |zero: bool| data.iter().filter(|b| (**b == 0) == zero).count() as u64;
        let calldata = 4 * bytes(true) + 16 * bytes(false);
        let outcome = chain.transact(Chain::account(1), to, 0, data)?;
        ensure!(
            outcome.is_true(),
            "expected the contract to accept, found {outcome:?}"
        );
        Ok((outcome.gas, calldata))
    };
    let (own_gas, calldata) = cost(own, None)?;
    let (reusable_gas, _) = cost(reusable, Some(&key))?;
    let ratio = reusable_gas as f64 / own_gas as f64;
    Ok(vec![
        Figure::new(
            subject.gas.is_none_or(|gas| own_gas <= gas),
            format!("{own_gas} (21000 base, {calldata} calldata; deployment {own_deployment})"),
        ),
        Figure::new(
            compiled.runtime.len() <= CODE_LIMIT,
            format!("{} bytes", compiled.runtime.len()),
        ),
        Figure::new(
            ratio <= REUSABLE,
            format!(
                "{reusable_gas}, {:+.1} % (deployment of a key {key_deployment}, {} bytes)",
                100.0 * (ratio - 1.0),
                subject.verifier.key_code()?.len()
            ),
        ),
    ])
}
