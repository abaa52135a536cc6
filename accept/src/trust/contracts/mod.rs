//! Contracts that take a proof in one place only, for one key, and give no verdict where they cannot compute one.

mod deployment;
mod place;
mod precompiles;

use crate::data::root;
use crate::report::Report;
use crate::workshop::Workshop;
use anyhow::{Context, Result};
use serde_json::Value;
use zkml_evm::{Chain, Outcome, Verifier, address_word, call};

/// An address, as the ABI encodes it or as it is.
type Address = [u8; 20];
type Word = [u8; 32];

pub fn run(workshop: &mut Workshop, report: &mut Report) {
    place::run(workshop, report);
    deployment::run(workshop, report);
    precompiles::run(workshop, report);
}

/// Code that deploys a contract of the repository, as the pinned compiler makes it.
fn init_code(name: &str) -> Result<Vec<u8>> {
    let path = root().join("evm/artifacts").join(format!("{name}.json"));
    let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let json: Value = serde_json::from_slice(&text)?;
    let code = json["init"].as_str();
    Ok(hex::decode(code.context("an artefact without code")?)?)
}

/// The reusable verifier for one key, as consumers see it.
fn deploy_model(chain: &mut Chain, verifier: &Verifier) -> Result<Address> {
    let (reusable, _) = chain.deploy(&verifier.reusable().init_code(), &[])?;
    let key = chain.deploy_key(verifier)?;
    let words = [address_word(reusable), address_word(key.address), key.code_hash];
    Ok(chain.deploy(&init_code("ZkmlModel")?, &words.concat())?.0)
}

/// Whether a transaction reverted with this error.
fn reverts(outcome: &Outcome, error: &str) -> bool {
    !outcome.success && outcome.output.get(..4) == Some(&call(error, &[])[..])
}
