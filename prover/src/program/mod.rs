//! Compiles polynomial expressions over columns into straight-line programs.
//!
//! 1. [`Graph`](graph::Graph) turns expressions into nodes; equal nodes are one node, and what depends on no
//!    row is folded into [`Constants`](constant::Constants), which are computed once per proof.
//! 2. [`Graph::combine`](graph::Graph::combine) sums many constraints with powers of a challenge.
//! 3. [`Graph::compile`](graph::Graph::compile) orders the nodes under one root, allocates registers by liveness, and
//!    gives a [`Compiled`] program.

mod combine;
mod compiled;
mod constant;
mod constraints;
mod graph;
mod schedule;
#[cfg(test)]
mod tests;

pub(crate) use compiled::{Compiled, Slice};
pub(crate) use constant::Symbols;
pub(crate) use constraints::{Product, Programs, gate_polynomial, permuted_columns};
pub(crate) use graph::{Cell, Source};
