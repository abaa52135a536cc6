//! Proving on the engine of `zkml-prover`, with kernels that fit this machine.
//!
//! What the engine needs of an SRS is prepared when it is first used, and kept with it: programs that
//! prove often pay for it once. Keys are the engine's own.

use crate::keys::ProvingKey;
use crate::{Error, Progress, Srs};
use gpu_msm::Cpu;
use halo2_proofs::plonk;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use rand_core::RngCore;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use zkml_circuits::{Codes, NetworkCircuit, PhaseColumn, WitnessColumn};
use zkml_prover::{Column, DeviceKey, PhasedColumns, Setup, Stage};

const STAGE: &str = "proving";

/// Which code makes a proof. Both make proofs of the same form, which every verifier accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prover {
    /// The engine of this project.
    #[default]
    Engine,
    /// The prover of the crate halo2-axiom, as a cross-check: slower, with more memory.
    Stock,
}

/// An SRS as the engine wants it.
pub(crate) type EngineSrs = zkml_prover::Srs<Cpu>;

/// A proving key as the engine wants it.
pub(crate) type EngineKey = DeviceKey<Cpu>;

/// A value that is made when it is first asked for. Clones share it.
pub(crate) struct Prepared<T>(Arc<OnceLock<T>>);

impl<T> fmt::Debug for Prepared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.0.get().is_some()).finish()
    }
}

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Prepared<T> {
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> Result<T, Error>) -> Result<&T, Error> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        let made = make()?;
        // Another thread may have been faster; then this one's work is dropped.
        Ok(self.0.get_or_init(|| made))
    }
}

pub(crate) fn backend() -> &'static Cpu {
    static CPU: OnceLock<Cpu> = OnceLock::new();
    CPU.get_or_init(Cpu::new)
}

/// What computes, for people: `cpu (AVX-512 IFMA, 2 threads)`.
pub fn engine_name() -> String {
    use gpu_msm::Backend;
    backend().name()
}

pub(crate) fn prepared_srs(srs: &Srs) -> Result<&EngineSrs, Error> {
    srs.prepared()
        .get_or_make(|| EngineSrs::new(backend(), srs.params()).map_err(|e| failed("preparing the SRS", e)))
}

/// The keys of a circuit.
pub(crate) fn keygen(
    srs: &Srs,
    circuit: &NetworkCircuit,
) -> Result<(plonk::VerifyingKey<G1Affine>, EngineKey), Error> {
    let srs = prepared_srs(srs)?;
    zkml_prover::keygen(backend(), srs, circuit, false).map_err(|e| failed("making keys", e))
}

/// The key of fixed columns and columns of the permutation.
pub(crate) fn key(
    vk: &plonk::VerifyingKey<G1Affine>,
    fixed: Vec<Vec<Fr>>,
    permutation: Vec<Vec<Fr>>,
) -> Result<EngineKey, Error> {
    DeviceKey::from_rows(backend(), vk, fixed, permutation).map_err(|e| failed("preparing the key", e))
}

/// The fixed columns of a key, then those of the permutation, by rows.
pub(crate) fn key_columns(key: &EngineKey) -> impl Iterator<Item = Result<Vec<Fr>, Error>> + '_ {
    let fixed = (0..key.fixed_columns()).map(|index| key.fixed_column(backend(), index));
    let permutation = (0..key.permutation_columns()).map(|index| key.permutation_column(backend(), index));
    fixed
        .chain(permutation)
        .map(|column| column.map_err(|e| failed("reading the key", e)))
}

/// A key as halo2 has it.
pub(crate) fn halo2_key(
    key: &EngineKey,
    vk: plonk::VerifyingKey<G1Affine>,
) -> Result<plonk::ProvingKey<G1Affine>, Error> {
    key.to_halo2(backend(), vk)
        .map_err(|e| failed("preparing the key for halo2", e))
}

/// Writes a proof to a transcript. The SRS has the key's size.
pub(crate) fn prove<E, T>(
    key: &ProvingKey,
    srs: &Srs,
    circuit: &NetworkCircuit,
    instances: &[&[Fr]],
    randomness: &mut impl RngCore,
    transcript: &mut T,
    progress: &Progress,
) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let srs = progress.stage("preparing the SRS", || prepared_srs(srs))?;
    let setup = Setup {
        backend: backend(),
        srs,
        key: key.engine(),
    };
    let mut witness = PhasedColumns::new(|phase, challenges: &[Option<Fr>]| {
        let columns = circuit.columns(phase, challenges)?;
        Ok::<_, zkml_circuits::Error>(columns.into_iter().map(column).collect())
    });
    let mut report = |stage: Stage, fraction: f64| match progress.report(STAGE, overall(stage, fraction)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    progress.stage(STAGE, || {
        zkml_prover::create_proof(
            setup,
            &mut witness,
            instances,
            randomness,
            transcript,
            &mut report,
        )
        .map_err(|error| match error {
            zkml_prover::Error::Cancelled { .. } => Error::Cancelled,
            zkml_prover::Error::Unsatisfied(violation) => Error::Unproven {
                reason: violation.to_string(),
            },
            other => failed(STAGE, other),
        })
    })
}

/// The part of a proof that is done when `fraction` of a stage is: for a progress bar, by the usual
/// share of each stage.
fn overall(stage: Stage, fraction: f64) -> f64 {
    let (before, share) = match stage {
        Stage::Witness | Stage::Lookups => (0.0, 0.35),
        Stage::Products => (0.35, 0.05),
        Stage::Polynomials => (0.4, 0.05),
        Stage::Quotient => (0.45, 0.4),
        Stage::Evaluations => (0.85, 0.05),
        _ => (0.9, 0.1),
    };
    before + share * fraction.clamp(0.0, 1.0)
}

fn column(column: PhaseColumn) -> Column {
    let codes = |codes| match codes {
        Codes::Own(codes) => zkml_prover::Codes::Own(codes),
        Codes::Advice(index) => zkml_prover::Codes::Advice(index),
    };
    match column {
        PhaseColumn::Cells(WitnessColumn::Small(values)) => Column::Small(values),
        PhaseColumn::Cells(WitnessColumn::Field(values)) => Column::Field(values),
        PhaseColumn::Sums {
            codes: lists,
            rows,
            table,
        } => Column::Coded {
            codes: lists.into_iter().map(codes).collect(),
            rows,
            table,
        },
    }
}

fn failed(stage: &'static str, error: zkml_prover::Error) -> Error {
    Error::Backend {
        stage,
        reason: error.to_string(),
    }
}
