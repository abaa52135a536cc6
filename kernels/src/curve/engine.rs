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

/// Runs code for an engine: with `$lanes` bound to the token of one with lanes, or with `$single` bound to that of
/// one without.
macro_rules! on_engine {
    ($engine:expr, $lanes:ident => $in_lanes:expr, $single:ident => $one_by_one:expr $(,)?) => {
        match $engine {
            Self::Plain => {
                let $single = Plain;
                $one_by_one
            }
            #[cfg(target_arch = "x86_64")]
            Self::Adx($single) => $one_by_one,
            #[cfg(target_arch = "x86_64")]
            Self::Fma($lanes) => $in_lanes,
            #[cfg(target_arch = "x86_64")]
            Self::Ifma($lanes) => $in_lanes,
            #[cfg(test)]
            Self::Emulated => {
                let $lanes = crate::field::Emulated;
                $in_lanes
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
        on_engine!(
            self,
            lanes => lanes::add_pairs(lanes, source, pairs, out, &mut scratch.lanes),
            single => portable::add_pairs(single, source, pairs, out, &mut scratch.single),
        );
    }

    /// Whether this engine has lanes. Others have no use for octets.
    pub(crate) fn has_lanes(self) -> bool {
        on_engine!(self, _lanes => true, _single => false)
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
        on_engine!(self, lanes => lanes::add_into_octets(lanes, source, pairs, out, &mut scratch.lanes), _single => ());
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
        on_engine!(self, lanes => lanes::add_octets(lanes, source, pairs, out, &mut scratch.lanes), _single => ());
    }

    /// Puts eight terms each into octets; for engines with lanes.
    pub(crate) fn pack(self, source: &[Point], terms: &[Term], out: &mut [Octet]) {
        debug_assert!(self.has_lanes() && terms.len() == 8 * out.len());
        on_engine!(self, lanes => lanes::pack(lanes, source, terms, out), _single => ());
    }

    /// Writes the points of octets, lane by lane, to eight places each; for engines with lanes.
    pub(crate) fn unpack(self, octets: &[Octet], places: &[u32], out: &mut [Point]) {
        debug_assert!(self.has_lanes());
        assert_eq!(places.len(), 8 * octets.len(), "eight places for each octet");
        on_engine!(self, lanes => lanes::unpack(lanes, octets, places, out), _single => ());
    }

    /// Doubles every point in place.
    pub(crate) fn double(self, points: &mut [Point], scratch: &mut Scratch) {
        on_engine!(
            self,
            lanes => lanes::double(lanes, points, &mut scratch.lanes),
            _single => portable::double(points),
        );
    }

    /// `(x, y) -> (beta x, y)`, which is multiplication by lambda, in place.
    pub(crate) fn endomorphism(self, points: &mut [Point]) {
        on_engine!(
            self,
            lanes => lanes::endomorphism(lanes, points),
            _single => portable::endomorphism(points),
        );
    }
}
