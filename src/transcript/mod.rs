//! The Fiat-Shamir transcript of proofs.
//!
//! A prover writes with halo2's [`Blake2bWrite`](halo2_proofs::transcript::Blake2bWrite); a
//! verifier reads with [`StrictRead`], which derives the same challenges but accepts exactly
//! one encoding of each proof.

mod strict;

pub use strict::StrictRead;
