//! A contract in an EVM within this program.

use super::Answer;
use anyhow::{Result, ensure};
use zkml::Proof;
use zkml_evm::{Chain, Function, Verifier};

/// Deploys the reusable verifier and the key's contract, and asks them.
pub fn ask_local(verifier: &Verifier, proof: &Proof) -> Result<Answer> {
    let mut chain = Chain::new();
    let (address, _) = chain.deploy(&verifier.reusable().init_code(), &[])?;
    let contract = chain.deploy_key(verifier)?;
    let data = proof.calldata(Function::Verify, Some(&contract))?;
    let outcome = chain.transact(Chain::account(1), address, 0, data)?;
    // A revert is what calldata gets that is not the encoding of any proof for this key.
    ensure!(
        outcome.success || outcome.output.len() == 4,
        "expected the contract to answer or to refuse the calldata, found {outcome:?}"
    );
    Ok(Answer {
        valid: outcome.is_true(),
        gas: Some(outcome.gas),
    })
}
