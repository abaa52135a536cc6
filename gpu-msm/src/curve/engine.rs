//! Batched affine arithmetic on the instruction set at hand.

use super::point::{Octet, Pair, Point, Term};
use super::{lanes, portable};
#[cfg(target_arch = "x86_64")]
use crate::field::scalar::Adx;
use crate::field::scalar::Plain;
use crate::{Error, Isa};

/// What computes: a token for instructions that the machine has.
///
/// All operations are complete: equal points, opposite points and the identity are fine everywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    /// One addition at a time, products in plain Rust.
    Plain,
    /// One addition at a time, products with two carry chains.
    #[cfg(target_arch = "x86_64")]
    Adx(Adx),
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

/// Runs code with `$lanes` bound to the token of an engine with lanes. Other engines are not asked to.
macro_rules! in_lanes {
    ($engine:expr, $lanes:ident => $code:expr) => {
        match $engine {
            Self::Plain => {}
            #[cfg(target_arch = "x86_64")]
            Self::Adx(_) => {}
            #[cfg(target_arch = "x86_64")]
            Self::Fma($lanes) => $code,
            #[cfg(target_arch = "x86_64")]
            Self::Ifma($lanes) => $code,
            #[cfg(test)]
            Self::Emulated => {
                let $lanes = crate::field::Emulated;
                $code
            }
        }
    };
}

/// Memory that batches reuse.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Additions one by one.
    pub(super) single: portable::Records,
    /// Additions in lanes.
    pub(super) lanes: lanes::Workspace,
}

impl Engine {
    /// The engine for an instruction set.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if this machine lacks it.
    pub(crate) fn new(isa: Isa) -> Result<Self, Error> {
        isa.require()?;
        let engine = match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Portable => Adx::detect().map(Self::Adx),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Fma => crate::field::Fma::detect().map(Self::Fma),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Ifma => crate::field::Ifma::detect().map(Self::Ifma),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        };
        Ok(engine.unwrap_or(Self::Plain))
    }

    /// All that this machine can run.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let available = Isa::available().into_iter().filter_map(|isa| Self::new(isa).ok());
        available.chain([Self::Plain, Self::Emulated]).collect()
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
            Self::Plain => portable::add_pairs(Plain, source, pairs, out, &mut scratch.single),
            #[cfg(target_arch = "x86_64")]
            Self::Adx(token) => portable::add_pairs(token, source, pairs, out, &mut scratch.single),
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

    /// Whether this engine has lanes. Others have no use for octets.
    pub(crate) fn has_lanes(self) -> bool {
        let mut has_lanes = false;
        in_lanes!(self, _lanes => has_lanes = true);
        has_lanes
    }

    /// The same with eight sums to an octet; for engines with lanes.
    pub(crate) fn add_into_octets(
        self,
        source: &[Point],
        pairs: &[Pair],
        out: &mut [Octet],
        scratch: &mut Scratch,
    ) {
        debug_assert!(self.has_lanes() && pairs.len() == 8 * out.len());
        in_lanes!(self, lanes => lanes::add_into_octets(lanes, source, pairs, out, &mut scratch.lanes));
    }

    /// The same for octets, lane by lane; for engines with lanes. Terms are not negative.
    pub(crate) fn add_octets(
        self,
        source: &[Octet],
        pairs: &[Pair],
        out: &mut [Octet],
        scratch: &mut Scratch,
    ) {
        debug_assert!(self.has_lanes() && pairs.len() == out.len());
        debug_assert!(pairs.iter().flatten().all(|term| !term.is_negative()));
        in_lanes!(self, lanes => lanes::add_octets(lanes, source, pairs, out, &mut scratch.lanes));
    }

    /// Puts eight terms each into octets; for engines with lanes.
    pub(crate) fn pack(self, source: &[Point], terms: &[Term], out: &mut [Octet]) {
        debug_assert!(self.has_lanes() && terms.len() == 8 * out.len());
        in_lanes!(self, lanes => lanes::pack(lanes, source, terms, out));
    }

    /// The points of octets, lane by lane; for engines with lanes.
    pub(crate) fn unpack(self, octets: &[Octet], out: &mut [Point]) {
        debug_assert!(self.has_lanes() && out.len() == 8 * octets.len());
        in_lanes!(self, lanes => lanes::unpack(lanes, octets, out));
    }

    /// Doubles every point in place.
    pub(crate) fn double(self, points: &mut [Point], scratch: &mut Scratch) {
        match self {
            Self::Plain => portable::double(points),
            #[cfg(target_arch = "x86_64")]
            Self::Adx(_) => portable::double(points),
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
            Self::Plain => portable::endomorphism(points),
            #[cfg(target_arch = "x86_64")]
            Self::Adx(_) => portable::endomorphism(points),
            #[cfg(target_arch = "x86_64")]
            Self::Fma(token) => lanes::endomorphism(token, points),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(token) => lanes::endomorphism(token, points),
            #[cfg(test)]
            Self::Emulated => lanes::endomorphism(crate::field::Emulated, points),
        }
    }
}
