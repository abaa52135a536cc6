//! `zkml calldata`.

use super::{Address, PinnedArgs};
use clap::Args;
use std::path::PathBuf;

/// Print the calldata that asks a contract about a proof.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CalldataArgs {
    /// The proof, binary or JSON
    #[arg(value_name = "PROOF")]
    pub proof: PathBuf,
    /// Call `verifyAndDecode`, which returns the outputs, too
    #[arg(long)]
    pub decode: bool,
    /// For the reusable verifier: the model's key contract (needs --vk)
    #[arg(long, value_name = "ADDRESS", requires = "vk")]
    pub key_contract: Option<Address>,
    /// The verifying key: with --key-contract, the hash of its code goes into the call
    #[arg(long, value_name = "FILE")]
    pub vk: Option<PathBuf>,
    /// What is in the key contract besides the key
    #[command(flatten)]
    pub model: PinnedArgs,
}

const EXAMPLES: &str = "\
Examples:
  zkml calldata lenet5.zkproof
  cast call $VERIFIER --data $(zkml calldata lenet5.zkproof --quiet) --rpc-url $RPC
  zkml calldata lenet5.zkproof --vk lenet5.vk --key-contract 0x5FbDB2315678afecb367f032d93F642f64180aa3";
