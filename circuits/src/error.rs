//! Errors of the circuit compiler and the witness generator.

/// What can go wrong between a graph and its circuit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The graph is not valid or a value is out of range.
    #[error(transparent)]
    Core(#[from] zkml_core::Error),

    /// The graph has a combination of operations that the circuit compiler does not express.
    #[error("node '{node}' ({op}): {reason}")]
    Unsupported {
        /// Name of the node.
        node: String,
        /// Its operation.
        op: &'static str,
        /// Why, and what to do.
        reason: String,
    },

    /// A node whose values are held by cells of their own, and may be too wide for them.
    #[error(
        "node '{node}' ({op}): expected values of at most {most} bits, found up to {bits}; \
         use fewer limbs for what it is computed from, or round before it"
    )]
    TooWide {
        /// Name of the node.
        node: String,
        /// Its operation.
        op: &'static str,
        /// Bits that its values can have, with their sign.
        bits: u32,
        /// Bits of the widest cells.
        most: u32,
    },

    /// No circuit size fits.
    #[error(
        "the circuit needs {rows} rows, more than 2^{max_k} rows hold; use a smaller model or a smaller batch"
    )]
    TooLarge {
        /// Rows needed.
        rows: usize,
        /// Largest supported k.
        max_k: u32,
    },

    /// A graph whose layout would take too long, or too much memory.
    #[error(
        "laying out this circuit takes too much: expected at most {limit} {what}, found {found}; \
         a graph like this is none of a model that can be proven"
    )]
    TooMuchWork {
        /// What there is too much of.
        what: &'static str,
        /// The most that is accepted.
        limit: u128,
        /// An upper bound of what there is.
        found: u128,
    },

    /// A shape that was read from a file is not one that the compiler makes.
    #[error("circuit shape: expected {expected}, found {found}")]
    InvalidShape {
        /// What a valid shape has.
        expected: String,
        /// What this one has.
        found: String,
    },

    /// A value does not fit the cells that it belongs in: the trace is not the executor's.
    #[error(
        "gadget '{gadget}': value {value} does not fit {bits} bits; the trace is not one of the executor"
    )]
    Witness {
        /// The gadget.
        gadget: &'static str,
        /// The value.
        value: i128,
        /// Width of the cells.
        bits: u32,
    },

    /// Values that a commitment has no place for.
    #[error("commitment: expected {expected}, found {found}; give the tensor as the model has it")]
    Commitment {
        /// What a tensor of this form has.
        expected: String,
        /// What this one has.
        found: String,
    },

    /// Parameters that are part of the verifying key were not given.
    #[error("fixed parameters are part of the circuit: compile it with the parameters")]
    MissingParams,

    /// Parameters or trace do not belong to the circuit.
    #[error("{what}: expected {expected}, found {found}; compile the circuit from the same graph")]
    Mismatch {
        /// Which object.
        what: &'static str,
        /// Expected size.
        expected: usize,
        /// Found size.
        found: usize,
    },
}
