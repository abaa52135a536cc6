//! A proving key on the device.

use crate::domain::Domain;
use crate::points::check_rotations;
use crate::program::{Programs, Source};
use crate::{Error, Srs};
use ff::Field;
use halo2_proofs::plonk::{ConstraintSystem, ProvingKey, VerifyingKey, permutation};
use halo2_proofs::poly::{Coeff, LagrangeCoeff, Polynomial};
use halo2curves::bn256::{Fr, G1Affine};
use std::collections::HashMap;
use zkml_kernels::Backend;

/// Columns that are transformed at a time: enough for a backend to share work, few enough not to
/// count in memory.
const BATCH: usize = 16;

/// What a backend needs of a proving key: its polynomials as device vectors, and the compiled
/// constraints. Made once, it serves any number of proofs. It holds all that halo2's key does, once.
pub struct DeviceKey<B: Backend> {
    pub(crate) cs: ConstraintSystem<Fr>,
    pub(crate) domain: Domain,
    pub(crate) programs: Programs,
    /// What a transcript absorbs for the verifying key.
    pub(crate) transcript_repr: Fr,
    /// Coefficients.
    polynomials: HashMap<Source, B::Vector>,
}

impl<B: Backend> std::fmt::Debug for DeviceKey<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceKey")
            .field("k", &self.domain.k)
            .field("polynomials", &self.polynomials.len())
            .finish_non_exhaustive()
    }
}

impl<B: Backend> DeviceKey<B> {
    /// Uploads a key and compiles its constraints.
    ///
    /// # Errors
    /// [`Error::Degree`] if a gate has a higher degree than the key provides for;
    /// [`Error::Backend`] if the device fails.
    pub fn new(backend: &B, key: &ProvingKey<G1Affine>) -> Result<Self, Error> {
        let mut made = Self::without_columns(backend, key.get_vk())?;
        for (source, polynomials) in [
            (Source::Fixed as fn(usize) -> Source, key.fixed_polys()),
            (Source::Sigma, key.permutation().polys()),
        ] {
            for (index, polynomial) in polynomials.iter().enumerate() {
                made.polynomials
                    .insert(source(index), backend.upload(polynomial.values())?);
            }
        }
        Ok(made)
    }

    /// The key of fixed columns and columns of the permutation, given by all of their rows.
    ///
    /// # Errors
    /// [`Error::ForeignKey`] if the columns are not as many as the verifying key says, or of
    /// another length; [`Error::Degree`] and [`Error::Backend`] as [`DeviceKey::new`].
    pub fn from_rows(
        backend: &B,
        vk: &VerifyingKey<G1Affine>,
        fixed: Vec<Vec<Fr>>,
        permutation: Vec<Vec<Fr>>,
    ) -> Result<Self, Error> {
        let mut made = Self::without_columns(backend, vk)?;
        let foreign = |what, expected, found| {
            (expected != found).then_some(Error::ForeignKey {
                what,
                expected,
                found,
            })
        };
        let wrong = fixed.iter().chain(&permutation).map(Vec::len);
        let wrong = wrong.filter_map(|len| foreign("rows", made.domain.n, len)).next();
        let wrong = wrong
            .or(foreign("fixed columns", made.fixed_columns(), fixed.len()))
            .or(foreign(
                "permuted columns",
                made.permutation_columns(),
                permutation.len(),
            ));
        if let Some(error) = wrong {
            return Err(error);
        }
        let fixed = (0..).map(Source::Fixed).zip(fixed);
        made.interpolate(backend, fixed.chain((0..).map(Source::Sigma).zip(permutation)))?;
        Ok(made)
    }

    /// The key without the circuit's own columns.
    fn without_columns(backend: &B, vk: &VerifyingKey<G1Affine>) -> Result<Self, Error> {
        let cs = vk.cs().clone();
        let domain = Domain::new(&cs, vk.get_domain().k())?;
        check_rotations(&cs, &domain)?;
        let programs = Programs::new(&cs, &domain)?;
        let mut identity = vec![Fr::ZERO; domain.n];
        identity[1] = Fr::ONE;
        let mut made = Self {
            transcript_repr: vk.transcript_repr(),
            polynomials: HashMap::from([(Source::Identity, backend.upload(&identity)?)]),
            cs,
            domain,
            programs,
        };
        let (n, usable) = (made.domain.n, made.domain.usable);
        let indicator = |rows: std::ops::Range<usize>| {
            let mut values = vec![Fr::ZERO; n];
            values[rows].fill(Fr::ONE);
            values
        };
        let switches = [
            (Source::First, indicator(0..1)),
            (Source::Last, indicator(usable..usable + 1)),
            (Source::Active, indicator(0..usable)),
        ];
        made.interpolate(backend, switches.into_iter())?;
        Ok(made)
    }

    /// Adds columns that are given by rows.
    fn interpolate(
        &mut self,
        backend: &B,
        mut columns: impl Iterator<Item = (Source, Vec<Fr>)>,
    ) -> Result<(), Error> {
        loop {
            let batch: Vec<(Source, Vec<Fr>)> = columns.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            let mut sources = Vec::with_capacity(batch.len());
            let mut vectors = Vec::with_capacity(batch.len());
            for (source, rows) in batch {
                sources.push(source);
                vectors.push(backend.upload(&rows)?);
            }
            backend.intt(&mut vectors)?;
            self.polynomials.extend(sources.into_iter().zip(vectors));
        }
    }

    /// Number of fixed columns, selectors included.
    pub fn fixed_columns(&self) -> usize {
        self.cs.num_fixed_columns()
    }

    /// Number of columns of the permutation.
    pub fn permutation_columns(&self) -> usize {
        self.cs.permutation().get_columns().len()
    }

    /// All rows of a fixed column.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::Backend`].
    pub fn fixed_column(&self, backend: &B, index: usize) -> Result<Vec<Fr>, Error> {
        Ok(backend.download(&self.rows(backend, Source::Fixed(index))?)?)
    }

    /// The polynomial of a fixed column, by coefficients.
    pub fn fixed_polynomial(&self, index: usize) -> Option<&B::Vector> {
        self.polynomial(Source::Fixed(index))
    }

    /// All rows of a column of the permutation: the cell that follows each cell in its cycle.
    ///
    /// # Errors
    /// As [`DeviceKey::fixed_column`].
    pub fn permutation_column(&self, backend: &B, index: usize) -> Result<Vec<Fr>, Error> {
        Ok(backend.download(&self.rows(backend, Source::Sigma(index))?)?)
    }

    /// halo2's key, with this verifying key, which is that of the same circuit.
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub fn to_halo2(&self, backend: &B, vk: VerifyingKey<G1Affine>) -> Result<ProvingKey<G1Affine>, Error> {
        let coefficients = |source| -> Result<Polynomial<Fr, Coeff>, Error> {
            let polynomial = self.polynomial(source).ok_or(self.missing(source))?;
            Ok(Polynomial::new(backend.download(polynomial)?))
        };
        let all = |count, source: fn(usize) -> Source| -> Result<Vec<Polynomial<Fr, Coeff>>, Error> {
            (0..count).map(|index| coefficients(source(index))).collect()
        };
        let (fixed, sigmas) = (self.fixed_columns(), self.permutation_columns());
        let rows = |rows: Vec<Fr>| Polynomial::<Fr, LagrangeCoeff>::new(rows);
        let fixed_rows = (0..fixed).map(|index| self.fixed_column(backend, index).map(rows));
        let sigma_rows = (0..sigmas).map(|index| self.permutation_column(backend, index).map(rows));
        Ok(ProvingKey::from_parts(
            vk,
            coefficients(Source::First)?,
            coefficients(Source::Last)?,
            coefficients(Source::Active)?,
            fixed_rows.collect::<Result<_, _>>()?,
            all(fixed, Source::Fixed)?,
            permutation::ProvingKey::from_parts(
                sigma_rows.collect::<Result<_, _>>()?,
                all(sigmas, Source::Sigma)?,
            ),
        ))
    }

    /// The same key on another backend.
    ///
    /// # Errors
    /// [`Error::Backend`] if a device fails.
    pub fn transfer<C: Backend>(&self, from: &B, to: &C) -> Result<DeviceKey<C>, Error> {
        let mut polynomials = HashMap::with_capacity(self.polynomials.len());
        for (source, polynomial) in &self.polynomials {
            polynomials.insert(*source, to.upload(&from.download(polynomial)?)?);
        }
        Ok(DeviceKey {
            cs: self.cs.clone(),
            domain: self.domain.clone(),
            programs: self.programs.clone(),
            transcript_repr: self.transcript_repr,
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

    /// A polynomial of the key, by rows.
    pub(crate) fn rows(&self, backend: &B, source: Source) -> Result<B::Vector, Error> {
        let polynomial = self.polynomial(source).ok_or(self.missing(source))?;
        let mut vector = backend.duplicate(polynomial)?;
        backend.ntt(std::slice::from_mut(&mut vector))?;
        Ok(vector)
    }

    fn missing(&self, source: Source) -> Error {
        let (kind, columns, column) = match source {
            Source::Sigma(index) => ("permuted", self.permutation_columns(), index),
            Source::Fixed(index) => ("fixed", self.fixed_columns(), index),
            _ => ("fixed", self.fixed_columns(), self.fixed_columns()),
        };
        Error::NoSuchColumn {
            kind,
            columns,
            column,
        }
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
