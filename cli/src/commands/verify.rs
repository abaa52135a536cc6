//! `zkml verify`.

use super::load_proof;
use crate::chain::{self, Contract};
use crate::config::{CheckedKeys, Pinned, PinnedArgs, SrsRequirement, contract_of, standing};
use crate::output::{Session, Verdict, describe_claim};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use zkml::{Claim, Digest, Error, Proof, Verifier, VerifyingKey};
use zkml_evm::rpc::Rpc;
use zkml_network::EvmAddress;

/// Verify a proof and say what it proves. Needs neither the model nor the SRS.
///
/// Exit code 0: valid; 1: invalid; 2: no answer (unreadable files, a key of another model, a node that cannot
/// be reached, a contract of another model).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The proof, binary or JSON
    #[arg(value_name = "PROOF")]
    pub proof: PathBuf,
    /// The verifying key, from someone you trust, or checked with `zkml key check`
    #[arg(long, value_name = "FILE")]
    pub vk: PathBuf,
    /// Ask the contract, too: in an EVM within this program
    #[arg(long, conflicts_with = "rpc")]
    pub evm: bool,
    /// Ask a deployed contract, too: JSON-RPC address of a node (http or https)
    #[arg(long, value_name = "URL", requires = "address")]
    pub rpc: Option<String>,
    /// The contract's address
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    pub address: Option<EvmAddress>,
    /// For the reusable verifier: the model's key contract
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    pub key_contract: Option<EvmAddress>,
    /// The chain that the node must be on
    #[arg(long, value_name = "ID", requires = "rpc")]
    pub chain_id: Option<u64>,
    /// Which SRS the key must come from.
    #[command(flatten)]
    pub require: SrsRequirement,
    /// What it must be linked to
    #[command(flatten)]
    pub model: PinnedArgs,
}

const EXAMPLES: &str = "\
Examples:
  zkml verify --vk model.vk model.zkproof
  zkml verify --vk model.vk proof.json --json
  zkml verify --vk model.vk model.zkproof --evm
  zkml verify --vk model.vk model.zkproof --rpc http://localhost:8545 --address 0x5FbDB2315678afecb367f032d93F642f64180aa3";

#[derive(Serialize)]
struct Answer<'a> {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a Claim>,
    /// The circuit that the key was found to be of, on this machine.
    checked_circuit: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas: Option<u64>,
}

/// What a verifier says, and the contract if it was asked.
pub enum Outcome {
    /// The proof is valid.
    Valid(Box<Claim>, Option<chain::Answer>),
    /// It is not, and why.
    Invalid(String),
}

/// Verifies a proof.
///
/// Fails where there is no answer, or where a contract gives another one.
pub fn verify(args: &VerifyArgs) -> Result<Outcome> {
    let key = VerifyingKey::load(&args.vk)
        .with_context(|| format!("cannot use {} as a verifying key", args.vk.display()))?;
    if let Some(required) = args.require.require_srs {
        required.check(key.srs_id())?;
    }
    let model = Pinned::load(&args.model)?;
    let no_answer = || format!("no answer about {}", args.proof.display());
    let proof = load_proof(&args.proof)?;
    let contract = match &proof {
        Ok(proof) => ask_contract(args, &key, model.as_ref(), proof).with_context(no_answer)?,
        // Nothing that could be asked about.
        Err(_) => None,
    };
    let mut verifier = Verifier::builder(key);
    if let Some(model) = &model {
        verifier = verifier.commitment(model.model());
    }
    let answer = proof.and_then(|proof| verifier.build()?.verify(&proof));
    match answer {
        Ok(claim) => {
            ensure!(
                contract.is_none_or(|answer| answer.valid),
                "expected the contract to accept a valid proof, found that it rejects it"
            );
            Ok(Outcome::Valid(Box::new(claim), contract))
        }
        Err(Error::InvalidProof { reason }) => {
            ensure!(
                contract.is_none_or(|answer| !answer.valid),
                "expected the contract to reject an invalid proof, found that it accepts it"
            );
            Ok(Outcome::Invalid(reason))
        }
        Err(error) => Err(error).with_context(no_answer),
    }
}

/// Verifies a proof and says so.
pub fn run(args: VerifyArgs, session: &Session) -> Result<Verdict> {
    match verify(&args)? {
        Outcome::Valid(claim, contract) => {
            let gas = contract.and_then(|answer| answer.gas);
            let circuit = CheckedKeys::open(None)
                .ok()
                .and_then(|keys| keys.circuit(&claim.key_digest).copied());
            let answer = Answer {
                valid: true,
                claim: Some(&claim),
                checked_circuit: circuit,
                reason: None,
                gas,
            };
            session.result(&answer, || {
                let asked = match (contract, gas) {
                    (None, _) => String::new(),
                    (Some(_), None) => " The contract says so, too.".to_owned(),
                    (Some(_), Some(gas)) => {
                        format!(
                            " The contract says so, too: {gas} gas ({}).",
                            zkml_evm::Chain::FORK
                        )
                    }
                };
                let of_key = match circuit {
                    Some(circuit) => format!("\nThe key was checked on this machine: it is the one of the circuit {circuit}.\n"),
                    None => "\nThe key was not checked on this machine: what is proven is what its maker put into it. `zkml key \
                             check` makes it again from the model's circuit.\n"
                        .to_owned(),
                };
                format!("The proof is valid.{asked}\n{}{of_key}", describe_claim(&claim, standing(claim.srs)))
            })?;
            Ok(Verdict::Good)
        }
        Outcome::Invalid(reason) => {
            let answer = Answer {
                valid: false,
                claim: None,
                checked_circuit: None,
                reason: Some(reason.clone()),
                gas: None,
            };
            session.result(&answer, || format!("The proof is INVALID: {reason}."))?;
            Ok(Verdict::InvalidProof)
        }
    }
}

/// What the contract says, if one is to be asked.
fn ask_contract(
    args: &VerifyArgs,
    key: &VerifyingKey,
    model: Option<&Pinned>,
    proof: &Proof,
) -> Result<Option<chain::Answer>> {
    if args.evm {
        return chain::ask_local(&contract_of(key, model)?, proof).map(Some);
    }
    let (Some(url), Some(address)) = (&args.rpc, args.address) else {
        return Ok(None);
    };
    let node = Rpc::new(url);
    if let Some(chain) = args.chain_id {
        chain::check_chain(&node, chain)?;
    }
    let contract = Contract {
        address,
        key: args.key_contract,
    };
    chain::ask(&node, &contract, key, &contract_of(key, model)?, proof).map(Some)
}
