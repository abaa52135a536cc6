//! A proving engine for halo2 circuits (KZG, BN254) on the backends of `zkml-kernels`.
//!
//! Keys and proofs are those of `halo2-axiom`: for the same key, witness, randomness and
//! challenges every value is the same, and its verifier accepts them. What differs is the work:
//!
//! - everything that is large runs on a [`Backend`](zkml_kernels::Backend), which owns the vectors;
//! - witness columns stay small integers until a polynomial is needed;
//! - all constraints are one straight-line program, compiled once per key and run coset by coset;
//! - the opening combines polynomials first and divides once for each set of points;
//! - a witness that does not satisfy the circuit is an error that names the constraint and the row.
//!
//! ```text
//! ParamsKZG --> Srs -----------+
//! keygen or ProvingKey --> DeviceKey --+--> create_proof(witness, instances, rng, transcript, progress)
//! ```

mod domain;
mod error;
mod key;
mod keygen;
mod points;
mod program;
mod progress;
mod prove;
mod srs;
mod stage;
mod witness;

pub use error::{CellId, ColumnKind, Error, Violation};
pub use key::DeviceKey;
pub use keygen::{keygen, keygen_pk, keygen_vk};
pub use progress::{Report, unreported};
pub use prove::{Channel, Extended, Extension, Setup, create_extended_proof, create_proof};
pub use srs::Srs;
pub use stage::Stage;
pub use witness::{CircuitWitness, Codes, Column, PhaseSink, PhasedColumns, WitnessContext, WitnessSource};
