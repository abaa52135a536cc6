//! What can go wrong.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A circuit whose proofs are not verified by this equation.
    #[error("expected a circuit {expected}, found {found}; contracts verify the circuits of zkml")]
    Unsupported {
        /// What is verified.
        expected: &'static str,
        /// What the key has.
        found: String,
    },
    /// Values that do not belong to the circuit.
    #[error("expected {expected} {what}, found {found}; use the key that the proof was made with")]
    Mismatch {
        /// What was counted.
        what: &'static str,
        /// The number that the circuit has.
        expected: usize,
        /// The number that was given.
        found: usize,
    },
    /// More arithmetic than any circuit of zkml has.
    #[error(
        "expected at most {limit} words of memory for a proof, found {found}; compile the model with `--optimize evm`"
    )]
    TooLarge {
        /// The limit.
        limit: usize,
        /// The size.
        found: usize,
    },
}
