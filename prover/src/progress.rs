//! Progress by stage, and cancellation.

use crate::Error;
use std::ops::ControlFlow;

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

/// Learns which fraction of a stage is done, from 0 to 1, and may stop the proof: [`ControlFlow::Break`] ends it with
/// [`Error::Cancelled`]. Stages that a circuit does not need are not reported.
pub type Report<'a> = dyn FnMut(Stage, f64) -> ControlFlow<()> + 'a;

/// A [`Report`] that ignores what it is told.
pub fn unreported(_: Stage, _: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Turns a wish to stop into the error.
pub(crate) fn step(report: &mut Report<'_>, stage: Stage, done: usize, of: usize) -> Result<(), Error> {
    match report(stage, done as f64 / of.max(1) as f64) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Cancelled { stage }),
    }
}
