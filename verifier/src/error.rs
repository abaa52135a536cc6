//! What can go wrong.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// A circuit whose proofs are not verified by this equation.
    #[error("expected a circuit {expected}, found {found}; contracts verify the circuits of zkml")]
    Unsupported { expected: &'static str, found: String },
    /// Values that do not belong to the circuit.
    #[error("expected {expected} {what}, found {found}; use the key that the proof was made with")]
    Mismatch {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    /// More arithmetic than any circuit of zkml has.
    #[error(
        "expected at most {limit} words of memory for a proof, found {found}; compile the model with `--optimize evm`"
    )]
    TooLarge { limit: usize, found: usize },
}
