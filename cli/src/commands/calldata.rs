//! `zkml calldata`.

use super::load_proof;
use crate::config::{Pinned, PinnedArgs, contract_of};
use crate::output::{Session, Verdict};
use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use zkml::VerifyingKey;
use zkml_evm::{Function, KeyContract};
use zkml_network::EvmAddress;

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
    pub key_contract: Option<EvmAddress>,
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

#[derive(Serialize)]
struct Call {
    calldata: String,
}

/// Prints calldata.
pub fn run(args: CalldataArgs, session: &Session) -> Result<Verdict> {
    let proof = load_proof(&args.proof)?
        .with_context(|| format!("cannot use {} as a proof", args.proof.display()))?;
    let function = match args.decode {
        true => Function::VerifyAndDecode,
        false => Function::Verify,
    };
    let model = Pinned::load(&args.model)?;
    let key = match (&args.vk, args.key_contract) {
        (Some(path), Some(address)) => {
            let key = VerifyingKey::load(path)
                .with_context(|| format!("cannot use {} as a verifying key", path.display()))?;
            Some(KeyContract {
                address: *address.as_bytes(),
                code_hash: contract_of(&key, model.as_ref())?.key_code_hash()?,
            })
        }
        _ => None,
    };
    let data = proof.calldata(function, key.as_ref())?;
    let call = Call {
        calldata: format!("0x{}", hex::encode(data)),
    };
    session.result(&call, || call.calldata.clone())?;
    Ok(Verdict::Good)
}
