//! The structured reference string on the device.

use crate::Error;
use halo2_proofs::SerdeFormat;
use halo2_proofs::poly::commitment::{Params, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, G1Affine};
use halo2curves::serde::SerdeObject;
use std::io;
use zkml_kernels::{Backend, Scalars};

/// The powers of the secret and the Lagrange basis over `2^k` rows, prepared for a backend.
///
/// Prepared once, it serves any number of keys and proofs.
pub struct Srs<B: Backend> {
    k: u32,
    coefficients: B::Bases,
    lagrange: B::Bases,
    blinding: Option<BlindingBases>,
}

/// What blinds the pieces of a quotient: the powers 0 and `n` of the secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlindingBases {
    pub(crate) first: G1Affine,
    pub(crate) next: G1Affine,
}

impl<B: Backend> Srs<B> {
    /// Prepares points in both bases: `powers[i] = s^i G`, `lagrange[i] = L_i(s) G`, and, so that the pieces of quotients
    /// are blinded, `next = s^n G` for the number `n` of powers. Without it, proofs are those of halo2's prover: their
    /// commitments to the quotient's pieces are functions of the witness that nothing hides.
    ///
    /// # Errors
    /// [`Error::Backend`]: if the lengths are not the same power of two, or the device fails.
    pub fn from_points(
        backend: &B,
        powers: &[G1Affine],
        lagrange: &[G1Affine],
        next: Option<G1Affine>,
    ) -> Result<Self, Error> {
        let n = powers.len().max(1).next_power_of_two();
        for (operation, found) in [("powers of the SRS", powers), ("Lagrange basis", lagrange)] {
            if found.len() != n {
                return Err(zkml_kernels::Error::Length {
                    operation,
                    expected: n,
                    found: found.len(),
                }
                .into());
            }
        }
        Ok(Self {
            k: n.ilog2(),
            coefficients: backend.bases(powers)?,
            lagrange: backend.bases(lagrange)?,
            blinding: next.map(|next| BlindingBases {
                first: powers[0],
                next,
            }),
        })
    }

    /// Prepares halo2's parameters, with the power of the secret that they lack; see [`Srs::from_points`].
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub fn new(backend: &B, params: &ParamsKZG<Bn256>, next: Option<G1Affine>) -> Result<Self, Error> {
        Self::from_points(backend, params.get_g(), &lagrange_points(params)?, next)
    }

    /// Binary logarithm of the number of rows.
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Commits to polynomials that are given by coefficients.
    ///
    /// # Errors
    /// [`Error::Backend`]: for more coefficients than the SRS has powers, or if the device fails.
    pub fn commit(&self, backend: &B, polynomials: &[&B::Vector]) -> Result<Vec<G1Affine>, Error> {
        let scalars: Vec<_> = polynomials.iter().map(|&p| Scalars::Full(p)).collect();
        Ok(backend.msm(&self.coefficients, &scalars)?)
    }

    pub(crate) fn coefficients(&self) -> &B::Bases {
        &self.coefficients
    }

    pub(crate) fn blinding(&self) -> Option<BlindingBases> {
        self.blinding
    }

    pub(crate) fn lagrange(&self) -> &B::Bases {
        &self.lagrange
    }
}

/// Bytes of a point in the raw format.
const POINT: usize = 64;

/// The Lagrange basis of halo2's parameters. They give it away in one place only, when they are
/// written: after `k` (four bytes) and the powers.
fn lagrange_points(params: &ParamsKZG<Bn256>) -> Result<Vec<G1Affine>, Error> {
    let n = params.get_g().len();
    let mut window = Window {
        skip: size_of::<u32>() + n * POINT,
        take: n * POINT,
        bytes: Vec::with_capacity(n * POINT),
    };
    debug_assert_eq!(params.n() as usize, n);
    params.write_custom(&mut window, SerdeFormat::RawBytesUnchecked)?;
    Ok(window
        .bytes
        .chunks_exact(POINT)
        .map(G1Affine::from_raw_bytes_unchecked)
        .collect())
}

/// Keeps a window of what is written to it.
struct Window {
    skip: usize,
    take: usize,
    bytes: Vec<u8>,
}

impl io::Write for Window {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        let skipped = self.skip.min(written.len());
        self.skip -= skipped;
        let taken = (self.take - self.bytes.len()).min(written.len() - skipped);
        self.bytes.extend_from_slice(&written[skipped..skipped + taken]);
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
