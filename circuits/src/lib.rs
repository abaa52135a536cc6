//! halo2 circuits of quantised networks: the one place where an integer graph becomes
//! constraints. Knows nothing of ONNX, floats or files.
//!
//! # How a network is proven
//!
//! Every tensor is held once, in *lanes*: phase-1 columns of small numbers, all of which one
//! lookup range-checks. Nonlinear operations are *gadgets*, groups of neighbouring cells with
//! row-local constraints ([`mod@gadget`]). Everything linear (matrix products, convolutions, sums,
//! views) takes no cells: it is stated by *linear constraints* ([`mod@linear constraint`]), random linear combinations that
//! one running sum adds up in place. What a linear constraint says of a row is a product of two *scalars*
//! times a *pattern* of the row's cells; scalars are made from the challenges on a *challenge region* of
//! spare rows and copied to where they are used.

#[cfg(test)]
extern crate self as zkml_circuits;

#[cfg(any(test, feature = "assurance"))]
pub mod assurance;
mod columns;
pub mod commitment;
mod compiled;
mod config;
mod conv_geometry;
mod cost;
mod degree;
mod error;
mod fold;
mod form;
mod gadget;
mod hash_gates;
mod linear_constraint;
mod lower;
mod mono;
mod network;
mod options;
mod poseidon;
mod program;
mod regions;
mod scalar;
mod shape;
#[cfg(test)]
mod soundness;
mod witness;
mod work;

pub use columns::{Codes, PhaseColumn, WitnessColumn};
pub use compiled::{CompiledCircuit, Extras};
pub use error::Error;
pub use form::{CellRef, Constraint, LinForm, LocalGate, Pattern, TableLookup};
pub use lower::{HashedRole, HashedTensors, PublicRole, PublicTensor};
pub use mono::{Mono, Poly};
pub use network::NetworkCircuit;
pub use options::{CircuitOptions, Optimize, ParamVisibility, Visibility};
pub use shape::Shape;
pub use work::{MAX_LAYOUT_STEPS, MAX_LAYOUT_TERMS, check_layout_work};
