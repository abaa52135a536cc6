//! Batched affine arithmetic on the instruction set at hand.

use super::point::{Pair, Point};
use super::{lanes, portable};
use crate::{Error, Isa};
use halo2curves::bn256::Fq;

/// What computes: a token for instructions that the machine has.
///
/// All operations are complete: equal points, opposite points and the identity are fine everywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    /// halo2curves' field arithmetic, which has assembly on x86-64.
    Portable,
    /// Eight lanes, products by floating-point multiply-add.
    #[cfg(target_arch = "x86_64")]
    Fma(crate::field::Fma),
    /// Eight lanes, products by integer multiply-add.
    #[cfg(target_arch = "x86_64")]
    Ifma(crate::field::Ifma),
    /// The code for lanes on any machine.
    #[cfg(test)]
    Emulated,
}

/// Memory that batches reuse.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Products of denominators, for single elements.
    pub(super) products: Vec<Fq>,
    /// The same for lanes, as limbs.
    pub(super) lanes: Vec<[[u64; 8]; 5]>,
}

impl Engine {
    /// The engine for an instruction set.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if this machine lacks it.
    pub(crate) fn new(isa: Isa) -> Result<Self, Error> {
        isa.require()?;
        let engine = match isa {
            Isa::Portable => None,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Fma => crate::field::Fma::detect().map(Self::Fma),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Ifma => crate::field::Ifma::detect().map(Self::Ifma),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        };
        Ok(engine.unwrap_or(Self::Portable))
    }

    /// All that this machine can run.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let available = Isa::available().into_iter().filter_map(|isa| Self::new(isa).ok());
        available.chain([Self::Emulated]).collect()
    }

    /// `out_i = a_i + b_i` for the terms `(a_i, b_i)` of `pairs`; both have the same length.
    pub(crate) fn add_pairs(
        self,
        source: &[Point],
        pairs: &[Pair],
        out: &mut [Point],
        scratch: &mut Scratch,
    ) {
        debug_assert_eq!(pairs.len(), out.len());
        match self {
            Self::Portable => portable::add_pairs(source, pairs, out, &mut scratch.products),
            #[cfg(target_arch = "x86_64")]
            Self::Fma(token) => lanes::add_pairs(token, source, pairs, out, &mut scratch.lanes),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(token) => lanes::add_pairs(token, source, pairs, out, &mut scratch.lanes),
            #[cfg(test)]
            Self::Emulated => {
                lanes::add_pairs(crate::field::Emulated, source, pairs, out, &mut scratch.lanes);
            }
        }
    }

    /// Doubles every point in place.
    pub(crate) fn double(self, points: &mut [Point], scratch: &mut Scratch) {
        match self {
            Self::Portable => portable::double(points, &mut scratch.products),
            #[cfg(target_arch = "x86_64")]
            Self::Fma(token) => lanes::double(token, points, &mut scratch.lanes),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(token) => lanes::double(token, points, &mut scratch.lanes),
            #[cfg(test)]
            Self::Emulated => lanes::double(crate::field::Emulated, points, &mut scratch.lanes),
        }
    }

    /// `(x, y) -> (beta x, y)`, which is multiplication by lambda, in place.
    pub(crate) fn endomorphism(self, points: &mut [Point]) {
        match self {
            Self::Portable => portable::endomorphism(points),
            #[cfg(target_arch = "x86_64")]
            Self::Fma(token) => lanes::endomorphism(token, points),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(token) => lanes::endomorphism(token, points),
            #[cfg(test)]
            Self::Emulated => lanes::endomorphism(crate::field::Emulated, points),
        }
    }
}
