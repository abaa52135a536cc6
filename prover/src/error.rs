//! What can go wrong when keys or proofs are made.

use crate::Stage;
use halo2_proofs::plonk;

/// An error of the proving engine. No proof comes with an error: what the transcript holds by
/// then is to be thrown away.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// One slice of values per instance column is expected.
    #[error("expected {expected} instance columns, found {found}: pass one slice for each instance column")]
    InstanceColumns { expected: usize, found: usize },
    /// An instance column has more values than the circuit has rows for them.
    #[error(
        "instance column {column}: expected at most {rows} values, found {found}: use a larger k or fewer public values"
    )]
    InstanceTooLong {
        column: usize,
        rows: usize,
        found: usize,
    },
    /// The SRS is not of the circuit's size.
    #[error(
        "expected an SRS with 2^{expected} powers, found 2^{found}: cut a larger SRS to 2^{expected}, or get a larger one"
    )]
    SrsSize { expected: u32, found: u32 },
    /// The circuit has too many rows, or its constraints too high a degree, for the field.
    #[error(
        "k = {k} with constraints of degree {degree}: expected an evaluation domain of at most 2^{limit}: use a smaller k"
    )]
    DomainTooLarge {
        k: u32,
        degree: usize,
        /// The two-adicity of the field.
        limit: u32,
    },
    /// The circuit has fewer rows than any circuit of its kind needs.
    #[error("expected at least {expected} rows, found 2^{k}: use a larger k")]
    NotEnoughRows { expected: usize, k: u32 },
    /// The key was made for another circuit.
    #[error("the key has {expected} {what}, the circuit {found}: use the key that was made for this circuit")]
    ForeignKey {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    /// A column of table entries lacks codes.
    #[error(
        "a column of table entries: expected codes for {expected} rows, found {found} in {}: give them, or name a column \
         of small integers of an earlier phase",
        .column.map_or_else(|| "its own list".to_owned(), |index| format!("advice column {index}"))
    )]
    Codes {
        /// The advice column that was named; none if the codes are the column's own.
        column: Option<usize>,
        expected: usize,
        found: usize,
    },
    /// A gate has a higher degree than the keys provide for.
    #[error(
        "gate `{gate}`, polynomial {polynomial}: expected a degree of at most {limit}, found {degree}: lower it, or raise the circuit's minimum degree"
    )]
    Degree {
        gate: String,
        polynomial: usize,
        degree: usize,
        limit: usize,
    },
    /// A constraint system still holds a selector that key generation replaces.
    #[error(
        "found a virtual selector in the key's constraints, expected fixed columns: use a key from key generation"
    )]
    VirtualSelector,
    /// A phase of the witness has another number of columns than the circuit.
    #[error(
        "phase {phase}: expected {expected} columns, found {found}: hand over every advice column of the phase, in order"
    )]
    WitnessColumns {
        /// The phase, from 0.
        phase: usize,
        expected: usize,
        found: usize,
    },
    /// The witness has another number of phases than the circuit.
    #[error("expected {expected} witness phases, found {found}: commit each phase once")]
    Phases {
        expected: usize,
        /// Phases committed, or begun.
        found: usize,
    },
    /// A cell lies outside of the rows that a circuit may use.
    #[error("{kind} column {column}: expected rows below {rows}, found row {row}: use a larger k")]
    RowOutOfRange {
        /// `advice`, `fixed`, `selector`, ...
        kind: &'static str,
        column: usize,
        rows: usize,
        /// The row (for a whole column, the last one given).
        row: usize,
    },
    /// A column that the constraint system does not have.
    #[error(
        "expected a {kind} column below {columns}, found {column}: configure the circuit with the parameters of its key"
    )]
    NoSuchColumn {
        /// `advice`, `fixed`, `selector`, ...
        kind: &'static str,
        columns: usize,
        column: usize,
    },
    /// A cell of the running phase was assigned an unknown value.
    #[error(
        "advice column {column}, row {row}: expected a value in phase {phase}, found none: give the circuit its witness"
    )]
    UnknownValue { column: usize, row: usize, phase: usize },
    /// The witness does not satisfy the circuit.
    #[error("the witness does not satisfy the circuit: {0}")]
    Unsatisfied(Violation),
    /// Every constraint holds on every row, and yet the quotient does not match.
    #[error(
        "expected the quotient to match the constraints, which hold on all rows: backend `{backend}` computed wrongly; try another one"
    )]
    Inconsistent { backend: String },
    /// One polynomial is queried twice at one point, which the verifier does not accept.
    #[error("expected the rotations of a column to differ by less than the number of rows: use a larger k")]
    RotationsCollide,
    /// A challenge hit one of the few values for which the opening is undefined.
    #[error(
        "the transcript gave a challenge for which the opening is undefined: prove again with fresh randomness"
    )]
    DegenerateChallenge,
    /// The caller's [`Report`](crate::Report) asked to stop.
    #[error("cancelled in stage `{stage}`")]
    Cancelled { stage: Stage },
    /// The circuit or its floor planner failed.
    #[error("synthesis: {0}")]
    Synthesis(#[from] plonk::Error),
    /// The source of the witness failed.
    #[error("witness: {0}")]
    Witness(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The transcript failed.
    #[error("transcript: {0}")]
    Transcript(#[from] std::io::Error),
    /// The backend failed.
    #[error("backend: {0}")]
    Backend(#[from] zkml_kernels::Error),
}

/// The first thing found that a witness violates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A gate's polynomial is not zero on a row.
    Gate {
        /// Name of the gate.
        gate: String,
        /// Name of the constraint; may be empty.
        constraint: String,
        /// Index of the polynomial in the gate.
        polynomial: usize,
        /// The first row where it is not zero.
        row: usize,
    },
    /// A looked-up tuple is not in the table.
    Lookup {
        /// Name of the lookup.
        lookup: String,
        /// Index of the lookup in the constraint system.
        index: usize,
        /// The first row whose input is not in the table.
        row: usize,
    },
    /// Two cells that a copy constraint ties hold different values.
    Copy {
        /// One cell.
        left: CellId,
        /// The cell that it is copied to.
        right: CellId,
    },
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gate {
                gate,
                constraint,
                polynomial,
                row,
            } => {
                write!(f, "gate `{gate}`, polynomial {polynomial}")?;
                if !constraint.is_empty() {
                    write!(f, " (`{constraint}`)")?;
                }
                write!(f, ": expected 0 in row {row}")
            }
            Self::Lookup { lookup, index, row } => {
                write!(
                    f,
                    "lookup `{lookup}` (number {index}): expected the input of row {row} to be in the table"
                )
            }
            Self::Copy { left, right } => {
                write!(f, "copy constraint: expected {left} to equal {right}")
            }
        }
    }
}

/// A cell that takes part in the permutation argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellId {
    /// The kind of its column.
    pub kind: ColumnKind,
    /// The index of its column among those of its kind.
    pub column: usize,
    /// The row.
    pub row: usize,
}

impl std::fmt::Display for CellId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} column {} row {}", self.kind, self.column, self.row)
    }
}

/// The three kinds of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Witness.
    Advice,
    /// Part of the key.
    Fixed,
    /// Public.
    Instance,
}

impl From<&plonk::Any> for ColumnKind {
    fn from(any: &plonk::Any) -> Self {
        match any {
            plonk::Any::Advice(_) => Self::Advice,
            plonk::Any::Fixed => Self::Fixed,
            plonk::Any::Instance => Self::Instance,
        }
    }
}

impl std::fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Advice => "advice",
            Self::Fixed => "fixed",
            Self::Instance => "instance",
        })
    }
}
