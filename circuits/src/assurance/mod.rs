//! Checks of gadgets and linear constraints by machine.
//!
//! * [`ranks`]: the linear constraints of random circuits state as many independent equations as their regions call for.
//!
//! The tests of this crate run them at small sizes, acceptance runs at large ones. Each takes a [`Planted`] error, with
//! which it must fail.

mod graphs;
mod rank;

pub use graphs::RandomGraph;
pub use rank::{Rank, Ranks, ranks};

/// An error that is planted to show that a check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A gadget lacks the constraint that bounds its remainder.
    DroppedBound,
    /// A coefficient of an operand is off by one.
    ChangedCoefficient,
    /// Two linear constraints have the same weights.
    EqualWeights,
}
