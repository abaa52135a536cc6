//! What can go wrong.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// A circuit, or a layout of public values, that contracts do not verify.
    #[error(transparent)]
    Circuit(#[from] zkml_verifier::Error),
    /// More than a contract holds.
    #[error(
        "expected at most {limit} bytes of {what}, found {found}; compile the model with `--optimize evm`{hint}"
    )]
    TooLarge {
        what: &'static str,
        limit: usize,
        found: usize,
        hint: &'static str,
    },
    /// The in-process EVM refused a transaction.
    #[error("expected the EVM to run {what}, found {reason}")]
    Evm { what: &'static str, reason: String },
    /// There is no answer from a node.
    #[cfg(feature = "rpc")]
    #[error("cannot reach a node at {url}")]
    Unreachable { url: String, source: Box<ureq::Error> },
    /// A node's answer is not what the method gives.
    #[cfg(feature = "rpc")]
    #[error("{url}: expected {expected}, found {found}; is this the address of an Ethereum node?")]
    Node {
        url: String,
        expected: String,
        found: String,
    },
}

/// Checks that something fits a contract.
pub(crate) fn limit(what: &'static str, limit: usize, found: usize, hint: &'static str) -> Result<(), Error> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::TooLarge {
        what,
        limit,
        found,
        hint,
    })
}
