//! Points of G1: batched affine arithmetic, sums of many runs, the endomorphism.
//!
//! An affine addition costs `1M + 1S + 1M` once the slope's denominator is inverted, and Montgomery's
//! trick shares one inversion between all additions of a batch for three multiplications each:
//! six multiplications an addition, against eleven for a mixed projective one. The additions of a
//! batch are independent of one another, so that eight of them run in the lanes of a vector.

mod cases;
mod engine;
pub(crate) mod glv;
mod lanes;
mod point;
mod portable;
mod prefetch;
pub(crate) mod runs;

pub(crate) use engine::{Engine, Scratch};
pub(crate) use point::{Octet, Pair, Point, Term, decode, encode};

#[cfg(test)]
mod tests;
