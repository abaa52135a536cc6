//! KZG parameters (a structured reference string): making, importing, checking, caching.

mod cache;
mod ceremony_file;
mod check;
mod development;
mod ptau;
mod raw;

pub use cache::{SrsCache, SrsFile};

use crate::artifact::artifact_file;
use crate::ceremony::SrsId;
use crate::prepared::Prepared;
use crate::{Error, Progress, kzg};
use halo2_proofs::poly::commitment::{Params, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, G1Affine};
use halo2curves::serde::SerdeObject;
use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use zkml_kernels::srs::lagrange_from_powers;
use zkml_kernels::{Cpu, Isa};

/// Smallest supported k.
pub(crate) const MIN_K: u32 = 1;
/// Largest supported k: 2^24 points of G1 in two bases are 2 GiB.
pub(crate) const MAX_K: u32 = 24;

/// KZG parameters on BN254 with `2^k` powers of a secret.
///
/// Nothing in them tells who knows the secret: what is known of an SRS goes by its identity ([`Srs::id`],
/// [`SrsId::standing`]).
#[derive(Clone)]
pub struct Srs {
    params: ParamsKZG<Bn256>,
    /// `s^n G` for the number `n` of powers: one more, which hides the quotient's pieces. halo2's raw parameters lack it.
    next: Option<G1Affine>,
    /// The points as the engine wants them on CPUs, made when they are first used.
    prepared: Prepared<zkml_prover::Srs<Cpu>>,
}

artifact_file! {
    /// Reads what [`Self::to_bytes`] made: halo2's raw parameters in a container. The checksum and every point are
    /// checked; the pairings are not, since they were when the file was made: load files of your own only, and import what
    /// others made.
    ///
    /// # Errors
    /// Those of a container (another kind, another version, truncated, checksum) and
    /// [`Error::InvalidSrs`] for points that are none.
    Srs
}

impl Srs {
    pub(crate) fn new(params: ParamsKZG<Bn256>, next: Option<G1Affine>) -> Self {
        Self {
            params,
            next,
            prepared: Prepared::default(),
        }
    }

    /// The points as the engine wants them on CPUs.
    pub(crate) fn prepared(&self) -> &Prepared<zkml_prover::Srs<Cpu>> {
        &self.prepared
    }

    /// Makes parameters with a random secret. **Unsafe for anything but development**: the
    /// secret was on this machine, and a holder of it can prove false claims.
    ///
    /// # Errors
    /// [`Error::SizeOutOfRange`] for an unsupported `k`, [`Error::Cancelled`].
    pub fn development(k: u32, progress: &Progress) -> Result<Self, Error> {
        check_k(k.into())?;
        let (params, next) = development::generate(k, progress)?;
        Ok(Self::new(params, Some(next)))
    }

    /// Imports the powers of tau from a `.ptau` file of snarkjs, for `2^k` powers (all that the
    /// file has if `k` is `None`). Every point is checked, and the powers by pairings.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Malformed`], [`Error::Truncated`], [`Error::TrailingBytes`] for a
    /// file of another format; [`Error::InvalidSrs`] if a check fails; [`Error::SrsTooSmall`] if
    /// the file has fewer powers; [`Error::Cancelled`].
    pub fn import_ptau(path: &Path, k: Option<u32>, progress: &Progress) -> Result<Self, Error> {
        let mut file = std::fs::File::open(path).map_err(Error::io("read", path))?;
        let (params, next) = ptau::read(&mut file, k, progress).map_err(|error| match error {
            Error::Io { source, .. } => Error::io("read", path)(source),
            other => other,
        })?;
        Self::checked(params, Some(next), progress)
    }

    /// [`Srs::import_ptau`] from bytes.
    ///
    /// # Errors
    /// As [`Srs::import_ptau`].
    pub fn from_ptau_bytes(bytes: &[u8], k: Option<u32>, progress: &Progress) -> Result<Self, Error> {
        let mut cursor = std::io::Cursor::new(bytes);
        let (params, next) = ptau::read(&mut cursor, k, progress)?;
        Self::checked(params, Some(next), progress)
    }

    /// Imports halo2's raw parameters, as `ParamsKZG::write` makes them. Every point is checked,
    /// the powers by pairings, and the Lagrange bases against the powers. They end one power before the one that proofs of
    /// their full size need ([`Srs::hides_quotients`]).
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::InvalidSrs`],
    /// [`Error::SizeOutOfRange`], [`Error::Cancelled`].
    pub fn import_raw(path: &Path, progress: &Progress) -> Result<Self, Error> {
        Self::from_raw_bytes(&raw::read_file(path)?, progress)
    }

    /// [`Srs::import_raw`] from bytes.
    ///
    /// # Errors
    /// As [`Srs::import_raw`].
    pub fn from_raw_bytes(bytes: &[u8], progress: &Progress) -> Result<Self, Error> {
        let params = progress.stage("reading points", || raw::parse("raw KZG parameters", bytes))?;
        Self::checked(params, None, progress)
    }

    /// halo2's raw parameters of this SRS: what [`Srs::from_raw_bytes`] checks, so that they may come from a stranger.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_raw_bytes(&self) -> Result<Vec<u8>, Error> {
        raw::encode(&self.params)
    }

    fn checked(params: ParamsKZG<Bn256>, next: Option<G1Affine>, progress: &Progress) -> Result<Self, Error> {
        let srs = Self::new(params, next);
        srs.check(progress)?;
        Ok(srs)
    }

    /// Checks the powers by pairings, and the Lagrange bases against the powers: what [`Srs::load`] leaves out.
    ///
    /// # Errors
    /// [`Error::InvalidSrs`], [`Error::Cancelled`].
    pub fn check(&self, progress: &Progress) -> Result<(), Error> {
        progress.stage("checking the powers by pairings", || {
            check::powers(&self.params, self.next)
        })?;
        progress.stage("checking the Lagrange bases", || check::lagrange(&self.params))
    }

    /// halo2's raw parameters, and the next power if there is one.
    fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut payload = self.to_raw_bytes()?;
        payload.extend(self.next.iter().flat_map(SerdeObject::to_raw_bytes));
        Ok(payload)
    }

    fn parse(payload: &[u8]) -> Result<Self, Error> {
        let (params, next) = raw::split(payload)?;
        let params = raw::parse("SRS", params)?;
        let next = raw::g1_points("next power", next)?;
        Ok(Self::new(params, next.first().copied()))
    }

    /// The same parameters with `2^k` powers. Computing the Lagrange bases takes a while for
    /// large `k`: keep the result.
    ///
    /// # Errors
    /// [`Error::SrsTooSmall`] if there are fewer powers, [`Error::Cancelled`].
    pub fn downsize(&self, k: u32, progress: &Progress) -> Result<Self, Error> {
        check_k(k.into())?;
        if k > self.k() {
            return Err(Error::SrsTooSmall {
                needed: k,
                found: self.k(),
            });
        }
        if k == self.k() {
            return Ok(self.clone());
        }
        let (g, next) = (&self.params.get_g()[..1 << k], self.params.get_g()[1 << k]);
        let g = g.to_vec();
        let g_lagrange = lagrange_bases(&g, progress)?;
        let params = kzg::assemble(k, g, g_lagrange, self.params.g2(), self.params.s_g2());
        Ok(Self::new(params, Some(next)))
    }

    /// The parameters with `2^k` powers: these, or smaller ones made of them.
    ///
    /// # Errors
    /// As [`Srs::downsize`].
    pub(crate) fn sized(&self, k: u32, progress: &Progress) -> Result<Cow<'_, Self>, Error> {
        if self.k() == k {
            return Ok(Cow::Borrowed(self));
        }
        self.downsize(k, progress).map(Cow::Owned)
    }

    /// log2 of the number of powers.
    pub fn k(&self) -> u32 {
        self.params.k()
    }

    /// Whether it has the power of the secret that proofs of its full size take to hide the quotient; smaller ones do in
    /// any case ([`Srs::downsize`]).
    pub fn hides_quotients(&self) -> bool {
        self.next.is_some()
    }

    /// `s^n G` for the secret `s` and the number `n` of powers, which are from 0 to `n - 1`.
    pub fn next_power(&self) -> Option<G1Affine> {
        self.next
    }

    /// Identity of the secret, in all sizes.
    pub fn id(&self) -> SrsId {
        SrsId::of(&self.params.s_g2())
    }

    /// The parameters as halo2 has them.
    pub fn params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }
}

impl fmt::Debug for Srs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Srs")
            .field("k", &self.k())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

fn check_k(k: u64) -> Result<u32, Error> {
    match u32::try_from(k) {
        Ok(k) if (MIN_K..=MAX_K).contains(&k) => Ok(k),
        _ => Err(Error::SizeOutOfRange {
            min: MIN_K,
            max: MAX_K,
            found: k,
        }),
    }
}

/// The Lagrange bases over powers of an unknown secret.
fn lagrange_bases(g: &[G1Affine], progress: &Progress) -> Result<Vec<G1Affine>, Error> {
    let report = |done| progress.report("computing Lagrange bases", done);
    lagrange_from_powers(g, Isa::detect(), report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_sizes_are_errors() {
        for k in [0, 25, u32::MAX] {
            assert!(matches!(
                Srs::development(k, &Progress::none()),
                Err(Error::SizeOutOfRange { .. })
            ));
        }
    }

    #[test]
    fn a_smaller_one_has_the_same_identity_and_passes_the_checks() {
        let srs = Srs::development(5, &Progress::none()).unwrap();
        let small = srs.downsize(3, &Progress::none()).unwrap();
        assert_eq!((small.k(), small.id()), (3, srs.id()));
        check::powers(small.params(), small.next_power()).unwrap();
        assert!(small.hides_quotients());
        check::lagrange(small.params()).unwrap();
        assert!(matches!(
            srs.downsize(6, &Progress::none()),
            Err(Error::SrsTooSmall { needed: 6, found: 5 })
        ));
        let cancelled = Progress::none();
        cancelled.cancel();
        assert!(matches!(srs.downsize(3, &cancelled), Err(Error::Cancelled)));
    }

    #[test]
    fn raw_parameters_end_before_the_power_that_hides_quotients() {
        let srs = Srs::development(4, &Progress::none()).unwrap();
        let raw = Srs::from_raw_bytes(&srs.to_raw_bytes().unwrap(), &Progress::none()).unwrap();
        let small = raw.downsize(3, &Progress::none()).unwrap();
        for (srs, hides) in [(&srs, true), (&raw, false), (&small, true)] {
            assert_eq!(srs.hides_quotients(), hides);
            let loaded = Srs::from_bytes(&srs.to_bytes().unwrap()).unwrap();
            assert_eq!(loaded.next_power(), srs.next_power());
        }
        assert_eq!(small.next_power(), Some(srs.params().get_g()[8]));
    }

    #[test]
    fn the_next_power_is_checked() {
        let mut srs = Srs::development(3, &Progress::none()).unwrap();
        srs.next = Some(G1Affine::generator());
        assert!(matches!(
            srs.check(&Progress::none()),
            Err(Error::InvalidSrs { .. })
        ));
    }

    #[test]
    fn two_development_srs_differ() {
        let make = || Srs::development(1, &Progress::none()).unwrap();
        assert_ne!(make().id(), make().id());
    }

    #[test]
    fn a_file_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("srs");
        let srs = Srs::development(4, &Progress::none()).unwrap();
        srs.save(&path).unwrap();
        let loaded = Srs::load(&path).unwrap();
        assert_eq!(loaded.to_bytes().unwrap(), srs.to_bytes().unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), srs.to_bytes().unwrap());
    }

    #[test]
    fn every_damage_is_an_error() {
        let good = Srs::development(1, &Progress::none())
            .unwrap()
            .to_bytes()
            .unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Srs::from_bytes(&bad).is_err(), "byte {at}");
            assert!(Srs::from_bytes(&good[..at]).is_err(), "length {at}");
        }
    }
}
