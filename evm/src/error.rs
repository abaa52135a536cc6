//! What can go wrong.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A circuit, or a layout of public values, that contracts do not verify.
    #[error(transparent)]
    Circuit(#[from] zkml_verifier::Error),
    /// More than a contract holds.
    #[error(
        "expected at most {limit} bytes of {what}, found {found}; compile the model with `--optimize evm`{hint}"
    )]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// The size.
        found: usize,
        /// What else helps.
        hint: &'static str,
    },
    /// The in-process EVM refused a transaction.
    #[error("expected the EVM to run {what}, found {reason}")]
    Evm {
        /// What was run.
        what: &'static str,
        /// What the EVM says.
        reason: String,
    },
    /// There is no answer from a node.
    #[cfg(feature = "rpc")]
    #[error("cannot reach a node at {url}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// A node's answer is not what the method gives.
    #[cfg(feature = "rpc")]
    #[error("{url}: expected {expected}, found {found}; is this the address of an Ethereum node?")]
    Node {
        /// The node's address.
        url: String,
        /// What the method gives.
        expected: String,
        /// What came.
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
