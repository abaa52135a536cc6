//! Checks of gadgets and linear constraints by machine.
//!
//! * [`exhaustive()`]: for lanes of few bits, every assignment of every gadget. Each operand has one, with the executor's
//!   result, and none outside the domain.
//! * [`ranks()`]: the linear constraints of random circuits state as many independent equations as their regions call for.
//! * [`export()`]: for all widths that can be compiled, formulas that a solver must refute: two assignments of a gadget
//!   with equal operands.
//!
//! The tests of this crate run them at small sizes, acceptance runs at large ones. Each takes a [`Planted`] error, with
//! which it must fail.

mod arg_max;
mod exhaustive;
mod families;
mod graphs;
mod planted;
mod rank;
mod smt;

pub use exhaustive::{Exhausted, exhaustive};
pub use graphs::RandomGraph;
pub use planted::Planted;
pub use rank::{Rank, Ranks, ranks};
pub use smt::{Exported, export};
