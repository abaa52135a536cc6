//! What can go wrong.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A circuit that the contracts do not verify.
    #[error("expected a circuit {expected}, found {found}; contracts verify the circuits of zkml")]
    Unsupported {
        /// What a contract verifies.
        expected: &'static str,
        /// What the key has.
        found: String,
    },
    /// Values of a call that do not belong to the circuit.
    #[error("expected {expected} {what}, found {found}; use the key that the proof was made with")]
    Mismatch {
        /// What was counted.
        what: &'static str,
        /// The number that the circuit has.
        expected: usize,
        /// The number that was given.
        found: usize,
    },
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
}
