//! Key generation: the keys of halo2, with the work done by a backend.

mod assembly;
mod cycles;

use crate::domain::Domain;
use crate::witness::Column;
use crate::{Error, Srs};
use assembly::FixedAssembly;
use cycles::Cycles;
use ff::Field;
use gpu_msm::{Backend, Scalars};
use halo2_proofs::plonk::{Circuit, ConstraintSystem, FloorPlanner, ProvingKey, VerifyingKey, permutation};
use halo2_proofs::poly::{Coeff, EvaluationDomain, LagrangeCoeff, Polynomial};
use halo2curves::bn256::{Fr, G1Affine};

/// How many columns are transformed or committed to at a time: enough for a backend to share
/// work, few enough not to count in memory.
const BATCH: usize = 16;

/// The verifying key of a circuit, equal to that of halo2's `keygen_vk_custom`.
///
/// `compress_selectors` puts several selectors into one fixed column where that is possible.
///
/// # Errors
/// [`Error::NotEnoughRows`], [`Error::DomainTooLarge`], [`Error::RowOutOfRange`],
/// [`Error::NoSuchColumn`]; [`Error::Synthesis`] if the circuit fails; [`Error::Backend`].
pub fn keygen_vk<B: Backend, C: Circuit<Fr>>(
    backend: &B,
    srs: &Srs<B>,
    circuit: &C,
    compress_selectors: bool,
) -> Result<VerifyingKey<G1Affine>, Error> {
    let layout = Layout::new(circuit, srs.k(), compress_selectors)?;
    let fixed_commitments = commit(
        backend,
        srs,
        layout.fixed.iter().map(|v| Column::compact(v.clone())),
    )?;
    let sigmas = (0..layout.cycles.columns()).map(|column| Column::Field(layout.cycles.sigma(column)));
    let permutation = permutation::VerifyingKey::from_commitments(commit(backend, srs, sigmas)?);
    Ok(VerifyingKey::from_parts(
        EvaluationDomain::new(layout.domain.degree as u32, srs.k()),
        fixed_commitments,
        permutation,
        layout.cs,
        layout.selectors,
        compress_selectors,
    ))
}

/// The proving key of a circuit, equal to that of halo2's `keygen_pk`.
///
/// # Errors
/// Those of [`keygen_vk`]; [`Error::ForeignKey`] if the verifying key belongs to another circuit.
pub fn keygen_pk<B: Backend, C: Circuit<Fr>>(
    backend: &B,
    vk: VerifyingKey<G1Affine>,
    circuit: &C,
) -> Result<ProvingKey<G1Affine>, Error> {
    let layout = Layout::new(circuit, vk.get_domain().k(), vk.compress_selectors())?;
    for (what, expected, found) in [
        ("fixed columns", vk.fixed_commitments().len(), layout.fixed.len()),
        (
            "permuted columns",
            vk.permutation().commitments().len(),
            layout.cycles.columns(),
        ),
    ] {
        if expected != found {
            return Err(Error::ForeignKey {
                what,
                expected,
                found,
            });
        }
    }
    let domain = &layout.domain;
    let sigmas: Vec<Vec<Fr>> = (0..layout.cycles.columns())
        .map(|column| layout.cycles.sigma(column))
        .collect();
    let fixed_polys = interpolate(backend, &layout.fixed)?;
    let sigma_polys = interpolate(backend, &sigmas)?;
    let indicator = |rows: std::ops::Range<usize>| {
        let mut values = vec![Fr::ZERO; domain.n];
        values[rows].fill(Fr::ONE);
        values
    };
    let usable = domain.usable;
    let switches = [
        indicator(0..1),
        indicator(usable..usable + 1),
        indicator(0..usable),
    ];
    let mut switches = interpolate(backend, &switches)?.into_iter();
    // Three went in.
    let mut next = || switches.next().unwrap_or_else(|| Polynomial::new(Vec::new()));
    let (l_first, l_last, l_active) = (next(), next(), next());
    Ok(ProvingKey::from_parts(
        vk,
        l_first,
        l_last,
        l_active,
        rows(layout.fixed),
        fixed_polys,
        permutation::ProvingKey::from_parts(rows(sigmas), sigma_polys),
    ))
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
}

/// Commitments to columns given by rows.
fn commit<B: Backend>(
    backend: &B,
    srs: &Srs<B>,
    columns: impl Iterator<Item = Column>,
) -> Result<Vec<G1Affine>, Error> {
    let mut columns = columns.peekable();
    let mut commitments = Vec::new();
    while columns.peek().is_some() {
        let batch: Vec<Column> = columns.by_ref().take(BATCH).collect();
        let mut vectors = Vec::new();
        for column in &batch {
            vectors.push(match column {
                Column::Small(_) => None,
                Column::Field(values) => Some(backend.upload(values)?),
            });
        }
        let scalars: Vec<Scalars<'_, B::Vector>> = batch
            .iter()
            .zip(&vectors)
            .map(|(column, vector)| match (column, vector) {
                (_, Some(vector)) => Scalars::Full(vector),
                (Column::Small(values), None) => Scalars::Small { values, tail: &[] },
                (Column::Field(tail), None) => Scalars::Small { values: &[], tail },
            })
            .collect();
        commitments.extend(backend.msm(srs.lagrange(), &scalars)?);
    }
    Ok(commitments)
}

/// Coefficients of columns given by rows.
fn interpolate<B: Backend>(backend: &B, columns: &[Vec<Fr>]) -> Result<Vec<Polynomial<Fr, Coeff>>, Error> {
    let mut polynomials = Vec::with_capacity(columns.len());
    for batch in columns.chunks(BATCH) {
        let mut vectors = batch
            .iter()
            .map(|values| backend.upload(values))
            .collect::<Result<Vec<_>, _>>()?;
        backend.intt(&mut vectors)?;
        for vector in &vectors {
            polynomials.push(Polynomial::new(backend.download(vector)?));
        }
    }
    Ok(polynomials)
}

fn rows(columns: Vec<Vec<Fr>>) -> Vec<Polynomial<Fr, LagrangeCoeff>> {
    columns.into_iter().map(Polynomial::new).collect()
}
