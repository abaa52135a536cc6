//! The verification equation of a halo2 key (KZG on BN254, SHPLONK) as a program.
//!
//! A [`Protocol`] says what a verifier reads, in which order, and which openings it checks. From it [`Arithmetic`] derives
//! all field arithmetic between the transcript and the points as two straight-line programs, with one inversion between
//! them: their results are the scalars of the points in the equation of the final pairing. `zkml-evm` writes the programs
//! down as contracts; [`BatchVerifier`] runs them here, so that many proofs for one key share the sum over the key's
//! points, and the pairing.
//!
//! Where proofs are linked to a published commitment to a model's parameters ([`ModelLink`]), the link is part of the
//! equation.

mod arithmetic;
mod batch;
mod dag;
mod error;
mod key;
mod link;
mod memory;
mod openings;
mod proof_bytes;
mod protocol;
mod schedule;

pub use arithmetic::Arithmetic;
pub use batch::{BatchVerifier, Equation};
pub use dag::Slot;
pub use error::Error;
pub use key::CircuitKey;
pub use link::{LinkParts, ModelLink};
pub use memory::{Memory, Sizes};
pub use proof_bytes::{ProofBytes, invalid};
pub use protocol::{After, Protocol, Round};
pub use schedule::{Instruction, Program, Word};
