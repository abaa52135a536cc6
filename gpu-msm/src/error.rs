//! What can go wrong in a kernel.

/// An error of a backend.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Two operands of one operation differ in length.
    #[error("{operation}: expected a length of {expected}, found {found}")]
    Length {
        /// The operation.
        operation: &'static str,
        /// Elements that it takes.
        expected: usize,
        /// Elements that it was given.
        found: usize,
    },
    /// A vector that must fill a domain does not.
    #[error("{operation}: expected a length that is a power of two up to 2^28, found {found}")]
    Domain {
        /// The operation.
        operation: &'static str,
        /// Elements that it was given.
        found: usize,
    },
    /// A range of elements reaches beyond the vector.
    #[error("{operation}: elements {start}..{start}+{count} do not lie in a vector of {length}")]
    Range {
        /// The operation.
        operation: &'static str,
        /// First element.
        start: usize,
        /// Number of elements.
        count: usize,
        /// Length of the vector.
        length: usize,
    },
    /// An operation needs at least one operand.
    #[error("{operation}: expected at least one {operand}, found none; pass one")]
    Empty {
        /// The operation.
        operation: &'static str,
        /// What is missing.
        operand: &'static str,
    },
    /// A code is no position in its table.
    #[error("{operation}: expected codes below {entries}, the entries of the table, found {found}")]
    Code {
        /// The operation.
        operation: &'static str,
        /// Entries of the table.
        entries: usize,
        /// The code.
        found: i32,
    },
    /// The coset of zero is no coset.
    #[error("{operation}: expected a coset shift other than zero")]
    ZeroShift {
        /// The operation.
        operation: &'static str,
    },
    /// A program names what does not exist.
    #[error("program, instruction {instruction}: {kind} {index} of {available} {problem}")]
    Program {
        /// Position of the instruction; the number of instructions stands for the result.
        instruction: usize,
        /// `register`, `column` or `constant`.
        kind: &'static str,
        /// The number that the instruction names.
        index: u32,
        /// How many there are.
        available: usize,
        /// What is wrong about it.
        problem: &'static str,
    },
    /// This machine lacks an instruction set.
    #[error("{wanted} was asked for, but this machine has only: {available}; choose one of those")]
    Unsupported {
        /// What was asked for.
        wanted: String,
        /// What there is.
        available: String,
    },
}
