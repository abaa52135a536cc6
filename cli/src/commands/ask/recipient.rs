//! Whom an answer is for on an EVM chain.

use anyhow::{Result, ensure};
use clap::Args;
use std::num::NonZeroU64;
use zkml::TranscriptKind;
use zkml_network::{EvmAddress, EvmRecipient, PublishedModel};

/// All of them, or none.
#[derive(Args, Clone, Copy, Debug)]
pub struct RecipientArgs {
    /// The account on an EVM chain that the answer is for; with --chain and --registry
    ///
    /// The proof is bound to all three: the contract AnswerRegistry at that address on that chain takes it, from this
    /// account, and no other does.
    #[arg(long, value_name = "0x...", requires_all = ["chain", "registry"])]
    pub evm_address: Option<EvmAddress>,
    /// Id of the chain
    #[arg(long, value_name = "ID", requires_all = ["evm_address", "registry"])]
    pub chain: Option<NonZeroU64>,
    /// Address of the registry that takes the proof
    #[arg(long, value_name = "0x...", requires_all = ["evm_address", "chain"])]
    pub registry: Option<EvmAddress>,
}

impl From<RecipientArgs> for Option<EvmRecipient> {
    fn from(args: RecipientArgs) -> Self {
        Some(EvmRecipient {
            account: args.evm_address?,
            chain: args.chain?,
            registry: args.registry?,
        })
    }
}

/// The recipient, if there is one.
///
/// Fails for a model whose proofs no contract can verify: the answer would be of no use there.
pub fn recipient(args: RecipientArgs, model: &PublishedModel) -> Result<Option<EvmRecipient>> {
    let recipient = Option::from(args);
    let found = model.key().transcript();
    ensure!(
        recipient.is_none() || found == TranscriptKind::Evm,
        "expected a model whose proofs a contract verifies (`zkml compile --optimize evm`), found one with the \
         transcript {found}: ask without --evm-address, --chain and --registry"
    );
    Ok(recipient)
}
