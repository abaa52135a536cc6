//! `zkml contract`.

use super::PinnedArgs;
use clap::Args;
use std::path::PathBuf;

/// Write the Solidity contract that verifies a model's proofs.
///
/// For models with `zkml compile --optimize evm`, or keys with `zkml setup --transcript evm`. The sources
/// stand alone: put them into a Foundry or Hardhat project. They implement `verify(bytes proof, uint256[]
/// publicInputs)`, `verifyAndDecode`, `keyId()` and `contextLength()`. Where weights are committed, a contract is made for one
/// commitment, whose manifest it tells by `manifest()`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ContractArgs {
    /// The verifying key
    #[arg(value_name = "MODEL.vk")]
    pub vk: PathBuf,
    /// The folder to write to
    #[arg(long, short, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    /// Name of the contract [default: from the name of the key's file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Write the reusable verifier, which is deployed once for all models, and this model's key contract
    #[arg(long)]
    pub reusable: bool,
    /// What its proofs must be linked to; it becomes part of the contract
    #[command(flatten)]
    pub model: PinnedArgs,
    /// Compile, too (needs Node.js and npm; fetches the pinned solc on first use)
    #[arg(long)]
    pub compile: bool,
}

const EXAMPLES: &str = "\
Examples:
  zkml contract lenet5.vk                       writes Lenet5Verifier.sol
  zkml contract lenet5.vk --reusable -o src     writes src/ZkmlVerifier.sol and src/Lenet5Key.sol
  zkml contract lenet5.vk --compile             also Lenet5Verifier.json: ABI and code
  zkml contract lenet5.vk --commitment lenet5.commitment    for committed weights";
