//! The Fiat-Shamir transcript of proofs.
//!
//! Two kinds ([`crate::TranscriptKind`]): Blake2b, and for contracts `EvmWrite` and `EvmRead` of the crate
//! `zkml-evm`. With Blake2b, a prover writes with halo2's [`Blake2bWrite`](halo2_proofs::transcript::Blake2bWrite); a
//! verifier reads with [`StrictRead`], which derives the same challenges but accepts exactly
//! one encoding of each proof.

mod kind;
mod strict;

pub use kind::TranscriptKind;
pub use strict::StrictRead;
