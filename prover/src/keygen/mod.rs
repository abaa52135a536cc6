//! Key generation: the keys of halo2, with the work done by a backend.

mod assembly;
mod cycles;

use crate::domain::Domain;
use crate::witness;
use crate::{DeviceKey, Error, Srs};
use assembly::FixedAssembly;
use cycles::Cycles;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, FloorPlanner, ProvingKey, VerifyingKey, permutation};
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::{Fr, G1Affine};
use zkml_kernels::{Backend, Scalars};

/// How many columns are committed to at a time: enough for a backend to share
/// work, few enough not to count in memory.
const BATCH: usize = 16;

/// The keys of a circuit: the verifying key as halo2 has it, the proving key on the device.
///
/// `compress_selectors` puts several selectors into one fixed column where that is possible.
///
/// # Errors
/// [`Error::NotEnoughRows`], [`Error::DomainTooLarge`], [`Error::RowOutOfRange`],
/// [`Error::NoSuchColumn`]; [`Error::Synthesis`] if the circuit fails; [`Error::Backend`].
#[tracing::instrument(level = "debug", name = "keygen", skip_all)]
pub fn keygen<B: Backend, C: Circuit<Fr>>(
    backend: &B,
    srs: &Srs<B>,
    circuit: &C,
    compress_selectors: bool,
) -> Result<(VerifyingKey<G1Affine>, DeviceKey<B>), Error> {
    let layout = Layout::new(circuit, srs.k(), compress_selectors)?;
    let vk = layout.verifying_key(backend, srs, compress_selectors)?;
    let key = DeviceKey::from_rows(backend, &vk, layout.fixed, sigmas(&layout.cycles))?;
    Ok((vk, key))
}

/// The verifying key of a circuit, equal to that of halo2's `keygen_vk_custom`.
///
/// # Errors
/// Those of [`keygen`].
pub fn keygen_vk<B: Backend, C: Circuit<Fr>>(
    backend: &B,
    srs: &Srs<B>,
    circuit: &C,
    compress_selectors: bool,
) -> Result<VerifyingKey<G1Affine>, Error> {
    Layout::new(circuit, srs.k(), compress_selectors)?.verifying_key(backend, srs, compress_selectors)
}

/// The proving key of a circuit, equal to that of halo2's `keygen_pk`.
///
/// # Errors
/// Those of [`keygen`]; [`Error::ForeignKey`] if the verifying key belongs to another circuit.
pub fn keygen_pk<B: Backend, C: Circuit<Fr>>(
    backend: &B,
    vk: VerifyingKey<G1Affine>,
    circuit: &C,
) -> Result<ProvingKey<G1Affine>, Error> {
    let layout = Layout::new(circuit, vk.get_domain().k(), vk.compress_selectors())?;
    let key = DeviceKey::from_rows(backend, &vk, layout.fixed, sigmas(&layout.cycles))?;
    key.to_halo2(backend, vk)
}

/// What a circuit fixes: constraints, fixed columns, copies.
struct Layout {
    cs: ConstraintSystem<Fr>,
    domain: Domain,
    /// All of `n` rows, selectors last.
    fixed: Vec<Vec<Fr>>,
    /// As the verifying key stores them: only if they are compressed.
    selectors: Vec<Vec<bool>>,
    cycles: Cycles,
}

impl Layout {
    fn new<C: Circuit<Fr>>(circuit: &C, k: u32, compress_selectors: bool) -> Result<Self, Error> {
        let mut cs = ConstraintSystem::default();
        let config = C::configure_with_params(&mut cs, circuit.params());
        let domain = Domain::new(&cs, k)?;
        let cycles = Cycles::new(&cs.permutation().get_columns(), &domain);
        let mut assembly = FixedAssembly::new(&cs, &domain, cycles);
        let synthesised = C::FloorPlanner::synthesize(&mut assembly, circuit, config, cs.constants().clone());
        // An error of the assembly comes first: what the circuit reports may follow from it.
        let (mut fixed, selectors, cycles) = assembly.finish(domain.n)?;
        synthesised?;
        let (cs, columns, selectors) = if compress_selectors {
            let (cs, columns) = cs.compress_selectors(selectors.clone());
            (cs, columns, selectors)
        } else {
            let (cs, columns) = cs.directly_convert_selectors_to_fixed(selectors);
            (cs, columns, Vec::new())
        };
        fixed.extend(columns);
        Ok(Self {
            cs,
            domain,
            fixed,
            selectors,
            cycles,
        })
    }

    fn verifying_key<B: Backend>(
        &self,
        backend: &B,
        srs: &Srs<B>,
        compress_selectors: bool,
    ) -> Result<VerifyingKey<G1Affine>, Error> {
        let fixed_commitments = commit(backend, srs, self.fixed.iter().cloned())?;
        let sigmas = (0..self.cycles.columns()).map(|column| self.cycles.sigma(column));
        let permutation = permutation::VerifyingKey::from_commitments(commit(backend, srs, sigmas)?);
        Ok(VerifyingKey::from_parts(
            EvaluationDomain::new(self.domain.degree as u32, srs.k()),
            fixed_commitments,
            permutation,
            self.cs.clone(),
            self.selectors.clone(),
            compress_selectors,
        ))
    }
}

/// A column on the device.
enum Uploaded<B: Backend> {
    Small(B::Integers),
    Full(B::Vector),
}

/// Commitments to columns given by rows.
fn commit<B: Backend>(
    backend: &B,
    srs: &Srs<B>,
    columns: impl Iterator<Item = Vec<Fr>>,
) -> Result<Vec<G1Affine>, Error> {
    let mut columns = columns.peekable();
    let mut commitments = Vec::new();
    while columns.peek().is_some() {
        let batch = columns.by_ref().take(BATCH).map(|values| {
            Ok(match witness::integers(&values) {
                Some(small) => Uploaded::Small(backend.upload_integers(small)?),
                None => Uploaded::Full(backend.upload(&values)?),
            })
        });
        let batch = batch.collect::<Result<Vec<Uploaded<B>>, Error>>()?;
        let scalars = batch.iter().map(|column| match column {
            Uploaded::Small(values) => Scalars::Small { values, tail: &[] },
            Uploaded::Full(vector) => Scalars::Full(vector),
        });
        let scalars: Vec<_> = scalars.collect();
        commitments.extend(backend.msm(srs.lagrange(), &scalars)?);
    }
    Ok(commitments)
}

/// The columns of the permutation.
fn sigmas(cycles: &Cycles) -> Vec<Vec<Fr>> {
    (0..cycles.columns()).map(|column| cycles.sigma(column)).collect()
}
