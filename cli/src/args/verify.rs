//! `zkml verify`.

use super::{Address, PinnedArgs, SrsRequirement};
use clap::Args;
use std::path::PathBuf;

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
    pub address: Option<Address>,
    /// For the reusable verifier: the model's key contract
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    pub key_contract: Option<Address>,
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
