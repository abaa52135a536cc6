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
}
