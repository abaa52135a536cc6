//! What can go wrong in a kernel.

/// An error of a backend.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// Two operands of one operation differ in length.
    #[error("{operation}: expected a length of {expected}, found {found}")]
    Length {
        operation: &'static str,
        expected: usize,
        found: usize,
    },
    /// A vector that must fill a domain does not.
    #[error("{operation}: expected a length that is a power of two up to 2^28, found {found}")]
    Domain { operation: &'static str, found: usize },
    /// A range of elements reaches beyond the vector.
    #[error("{operation}: elements {start}..{start}+{count} do not lie in a vector of {length}")]
    Range {
        operation: &'static str,
        start: usize,
        count: usize,
        length: usize,
    },
    /// An operation needs at least one operand.
    #[error("{operation}: expected at least one {operand}, found none; pass one")]
    Empty {
        operation: &'static str,
        operand: &'static str,
    },
    /// A code is no position in its table.
    #[error("{operation}: expected codes below {entries}, the entries of the table, found {found}")]
    Code {
        operation: &'static str,
        entries: usize,
        found: i32,
    },
    /// The coset of zero is no coset.
    #[error("{operation}: expected a coset shift other than zero")]
    ZeroShift { operation: &'static str },
    /// A program names what does not exist.
    #[error("program, instruction {instruction}: {kind} {index} of {available} {problem}")]
    Program {
        /// Position of the instruction; the number of instructions denotes the result.
        instruction: usize,
        /// `register`, `column` or `constant`.
        kind: &'static str,
        index: u32,
        available: usize,
        problem: &'static str,
    },
    /// A GPU refused a call, or failed in one.
    #[error("GPU {device}, {call}: error {code}, {message}; prove again, on another GPU or on the CPU")]
    Device {
        device: usize,
        /// The call that failed, with the operation that made it.
        call: String,
        code: i32,
        message: String,
    },
    /// Not even the smallest part of an operation fits into a GPU's memory.
    #[error(
        "{operation}: expected {needed} bytes of free memory on GPU {device}, found {available}; use a GPU with more \
         memory, make fewer proofs at a time, or prove on the CPU"
    )]
    DeviceMemory {
        operation: &'static str,
        device: usize,
        /// Bytes that the smallest part takes.
        needed: usize,
        available: usize,
    },
    /// A vector lives on another GPU, or was made by another opening of this one.
    #[error(
        "{operation}: expected memory of this backend on GPU {expected}, found memory of another one, on GPU {found}; \
         use the backend that the SRS and the key were prepared for"
    )]
    ForeignMemory {
        operation: &'static str,
        expected: usize,
        found: usize,
    },
    /// There is no GPU of that number.
    #[error("expected a CUDA GPU with number {wanted}, found {found}: {reason}")]
    NoDevice {
        wanted: usize,
        found: usize,
        reason: String,
    },
    /// This machine lacks an instruction set.
    #[error("{wanted} was asked for, but this machine has only: {available}; choose one of those")]
    Unsupported { wanted: String, available: String },
}

impl Error {
    /// [`Error::Length`].
    pub(crate) fn length(operation: &'static str, expected: usize, found: usize) -> Self {
        Error::Length {
            operation,
            expected,
            found,
        }
    }

    /// [`Error::Empty`].
    pub(crate) fn empty(operation: &'static str, operand: &'static str) -> Self {
        Error::Empty { operation, operand }
    }
}
