//! Arithmetic in BN254's two prime fields, eight elements at a time.
//!
//! - [`Modulus`]: a field's constants, for elements of five 52-bit limbs.
//! - [`Lanes`]: the machine instructions that the arithmetic is made of, one implementation per
//!   instruction set. A value of a `Lanes` type is the proof that the machine has it.
//! - [`Field`]: the arithmetic itself, written once over both.
//! - [`words`]: halo2curves' elements as the 64-bit words they consist of.
//!
//! An element keeps halo2curves' Montgomery form (`a 2^256`) as long as one factor of each of its
//! products is a constant in Montgomery form with `R = 2^260`, or a [`Twiddle`]; products of two
//! variables need both factors in the latter form (see [`Field::enter`]).
// Indices are those of limbs and columns, as in the formulas.
#![allow(clippy::needless_range_loop)]

mod arithmetic;
mod lanes;
mod modulus;
mod multiply;
mod pack;
pub(crate) mod scalar;
#[cfg(test)]
mod tests;
mod twiddle;
mod unroll;
pub(crate) mod words;

pub(crate) use arithmetic::{Factors, Field, Limbs};
#[cfg(test)]
pub(crate) use lanes::Emulated;
#[cfg(target_arch = "x86_64")]
pub(crate) use lanes::{Fma, Ifma};
pub(crate) use lanes::{Kernel, Lanes};
pub(crate) use modulus::{Modulus, limbs52, words52};
pub(crate) use pack::Block;
pub(crate) use twiddle::Twiddle;
pub(crate) use unroll::eight;
