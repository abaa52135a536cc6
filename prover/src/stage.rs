//! The stages of a proof.

/// The stages of a proof, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Advice columns are assigned and committed to, phase by phase.
    Witness,
    /// Looked-up columns are permuted.
    Lookups,
    /// The running products of permutations and lookups.
    Products,
    /// Columns become coefficients.
    Polynomials,
    /// The quotient, coset by coset.
    Quotient,
    /// All polynomials at the challenge point.
    Evaluations,
    /// The opening of the commitments.
    Opening,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Witness => "witness",
            Self::Lookups => "lookups",
            Self::Products => "products",
            Self::Polynomials => "polynomials",
            Self::Quotient => "quotient",
            Self::Evaluations => "evaluations",
            Self::Opening => "opening",
        })
    }
}
