//! The engine against halo2's own prover and verifier.
#![allow(missing_docs)]

mod accept;
mod backends;
mod circuits;
mod equality;
mod keys;
#[path = "../../benches/lanes/mod.rs"]
mod lanes;
mod parameters;
mod refuse;
mod script;
mod stock;
