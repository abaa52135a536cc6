//! Committed parameters: a model commitment that is published once, and the link that ties each proof
//! to it.
//!
//! The parameters have rows of their own, which a fixed column marks. A proof commits to the columns of
//! the lanes, with fresh random values in the blinding rows; the published commitment is to columns with
//! the parameters alone, and with random values of the owner's. The link ([`mod@link`]) shows that the two
//! are equal on the marked rows.

mod commitment;
pub(crate) mod link;
#[cfg(feature = "prover")]
mod linking;
mod opening;
mod reader;
#[cfg(feature = "prover")]
mod secret;

pub use commitment::{ModelCommitment, PinnedModel};
#[cfg(feature = "prover")]
pub(crate) use linking::{Link, Linking};
pub(crate) use opening::{Linked, LinkedShplonk, MarksClaim};
pub(crate) use reader::LinkedRead;
#[cfg(feature = "prover")]
pub use secret::ModelSecret;
