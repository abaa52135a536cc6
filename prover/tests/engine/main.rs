//! The engine against halo2's own prover and verifier.
#![allow(missing_docs)]

mod accept;
mod backends;
mod blinding;
mod circuits;
#[cfg(any(feature = "cuda", feature = "cuda-host"))]
mod cuda;
mod equality;
mod keys;
mod parameters;
mod refuse;
mod upstream;
