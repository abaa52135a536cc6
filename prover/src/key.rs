//! A proving key on the device.

use crate::domain::Domain;
use crate::program::{Programs, Source};
use crate::prove::check_rotations;
use crate::{Error, Srs};
use ff::Field;
use gpu_msm::Backend;
use halo2_proofs::plonk::{ConstraintSystem, ProvingKey};
use halo2_proofs::poly::Polynomial;
use halo2curves::bn256::{Fr, G1Affine};
use std::collections::HashMap;

/// What a backend needs of a proving key: its polynomials as device vectors, and the compiled
/// constraints. Made once, it serves any number of proofs; the halo2 key may be dropped.
pub struct DeviceKey<B: Backend> {
    pub(crate) cs: ConstraintSystem<Fr>,
    pub(crate) domain: Domain,
    pub(crate) programs: Programs,
    /// What a transcript absorbs for the verifying key.
    pub(crate) transcript_repr: Fr,
    /// Coefficients.
    polynomials: HashMap<Source, B::Vector>,
}

impl<B: Backend> DeviceKey<B> {
    /// Uploads a key and compiles its constraints.
    ///
    /// # Errors
    /// [`Error::Degree`] if a gate has a higher degree than the key provides for;
    /// [`Error::Backend`] if the device fails.
    pub fn new(backend: &B, key: &ProvingKey<G1Affine>) -> Result<Self, Error> {
        let vk = key.get_vk();
        let cs = vk.cs().clone();
        let domain = Domain::new(&cs, vk.get_domain().k())?;
        check_rotations(&cs, &domain)?;
        let programs = Programs::new(&cs, &domain)?;
        let mut polynomials = HashMap::new();
        let mut upload = |source, values: &[Fr]| -> Result<(), Error> {
            polynomials.insert(source, backend.upload(values)?);
            Ok(())
        };
        upload_all(key.fixed_polys(), Source::Fixed, &mut upload)?;
        upload_all(key.permutation().polys(), Source::Sigma, &mut upload)?;
        upload(Source::First, key.l0().values())?;
        upload(Source::Last, key.l_last().values())?;
        upload(Source::Active, key.l_active_row().values())?;
        let mut identity = vec![Fr::ZERO; domain.n];
        identity[1] = Fr::ONE;
        upload(Source::Identity, &identity)?;

        Ok(Self {
            transcript_repr: vk.transcript_repr(),
            cs,
            domain,
            programs,
            polynomials,
        })
    }

    /// Binary logarithm of the number of rows.
    pub fn k(&self) -> u32 {
        self.domain.k
    }

    /// The constraint system, with fixed columns in place of selectors.
    pub fn constraint_system(&self) -> &ConstraintSystem<Fr> {
        &self.cs
    }

    /// Rows that a circuit may use; the others blind.
    pub fn usable_rows(&self) -> usize {
        self.domain.usable
    }

    /// A polynomial of the key, by coefficients.
    pub(crate) fn polynomial(&self, source: Source) -> Option<&B::Vector> {
        self.polynomials.get(&source)
    }

    /// # Errors
    /// [`Error::SrsSize`]
    pub(crate) fn check_srs(&self, srs: &Srs<B>) -> Result<(), Error> {
        if srs.k() == self.k() {
            return Ok(());
        }
        Err(Error::SrsSize {
            expected: self.k(),
            found: srs.k(),
        })
    }
}

fn upload_all<Basis>(
    polynomials: &[Polynomial<Fr, Basis>],
    source: fn(usize) -> Source,
    upload: &mut impl FnMut(Source, &[Fr]) -> Result<(), Error>,
) -> Result<(), Error> {
    polynomials
        .iter()
        .enumerate()
        .try_for_each(|(index, polynomial)| upload(source(index), polynomial.values()))
}
