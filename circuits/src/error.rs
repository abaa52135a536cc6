//! Errors of the circuit compiler and the witness generator.

/// What can go wrong between a graph and its circuit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// The graph is not valid or a value is out of range.
    #[error(transparent)]
    Core(#[from] zkml_core::Error),

    /// The graph has a combination of operations that the circuit compiler does not express.
    #[error("node '{node}' ({op}): {reason}")]
    Unsupported {
        node: String,
        op: &'static str,
        reason: String,
    },

    /// A node whose values are held by cells of their own, and may be too wide for them.
    #[error(
        "node '{node}' ({op}): expected values of at most {most} bits, found up to {bits}; \
         use fewer limbs for what it is computed from, or round before it"
    )]
    TooWide {
        node: String,
        op: &'static str,
        /// Bits that its values can have, with their sign.
        bits: u32,
        most: u32,
    },

    /// No circuit size fits.
    #[error(
        "the circuit needs {rows} rows, more than 2^{max_k} rows hold; use a smaller model or a smaller batch"
    )]
    TooLarge { rows: usize, max_k: u32 },

    /// A graph whose layout would take too long, or too much memory.
    #[error(
        "laying out this circuit takes too much: expected at most {limit} {what}, found {found}; \
         a graph like this is none of a model that can be proven"
    )]
    TooMuchWork {
        what: &'static str,
        limit: u128,
        /// An upper bound of what there is.
        found: u128,
    },

    /// A shape that was read from a file is not one that the compiler makes.
    #[error("circuit shape: expected {expected}, found {found}")]
    InvalidShape { expected: String, found: String },

    /// A value does not fit the cells that it belongs in: the trace is not the executor's.
    #[error(
        "gadget '{gadget}': value {value} does not fit {bits} bits; the trace is not one of the executor"
    )]
    Witness {
        gadget: &'static str,
        value: i128,
        bits: u32,
    },

    /// Values that a commitment has no place for.
    #[error("commitment: expected {expected}, found {found}; give the tensor as the model has it")]
    Commitment { expected: String, found: String },

    /// Parameters that are part of the verifying key were not given.
    #[error("fixed parameters are part of the circuit: compile it with the parameters")]
    MissingParams,

    /// Parameters or trace do not belong to the circuit.
    #[error("{what}: expected {expected}, found {found}; compile the circuit from the same graph")]
    Mismatch {
        what: &'static str,
        expected: usize,
        found: usize,
    },
}
