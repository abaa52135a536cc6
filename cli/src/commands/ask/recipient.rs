//! Whom an answer is for on an EVM chain.

use crate::args::RecipientArgs;
use anyhow::{Result, ensure};
use zkml::TranscriptKind;
use zkml_network::{EvmRecipient, PublishedModel};

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
