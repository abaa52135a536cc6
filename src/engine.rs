//! Proving on the engine of `zkml-prover`, on the device that was chosen for this process.
//!
//! What the engine needs of an SRS is prepared when it is first used, and kept with it: programs that
//! prove often pay for it once. Keys are the engine's own.

mod pool;

use crate::committed::{Link, Linking};
use crate::device;
use crate::keys::ProvingKey;
use crate::{Error, Progress, Srs};
use halo2_proofs::plonk;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use rand_core::OsRng;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use zkml_circuits::{Codes, NetworkCircuit, PhaseColumn, WitnessColumn};
use zkml_kernels::{Backend, Cpu};
use zkml_prover::{Column, DeviceKey, Extension, PhasedColumns, Setup, Stage};

const STAGE: &str = "proving";

/// Which code makes a proof. Both make proofs of the same form, which every verifier accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prover {
    /// The engine of this project.
    #[default]
    Engine,
    /// The prover of the crate halo2-axiom, as a cross-check: slower, with more memory. It proves no models with committed
    /// parameters ([`Error::UpstreamLink`]).
    Upstream,
}

/// An SRS as the engine wants it, for each kind of device. A process uses one GPU at most.
#[derive(Clone, Debug, Default)]
pub(crate) struct EngineSrs {
    cpu: Prepared<zkml_prover::Srs<Cpu>>,
    #[cfg(feature = "_gpu")]
    cuda: Prepared<zkml_prover::Srs<zkml_kernels::Cuda>>,
}

/// A proving key as the engine wants it: in main memory, and on the GPU once one has used it.
#[derive(Debug)]
pub(crate) struct EngineKey {
    cpu: DeviceKey<Cpu>,
    #[cfg(feature = "_gpu")]
    cuda: Prepared<DeviceKey<zkml_kernels::Cuda>>,
}

impl From<DeviceKey<Cpu>> for EngineKey {
    fn from(cpu: DeviceKey<Cpu>) -> Self {
        Self {
            cpu,
            #[cfg(feature = "_gpu")]
            cuda: Prepared::default(),
        }
    }
}

impl EngineKey {
    /// The key in main memory.
    pub(crate) fn on_cpu(&self) -> &DeviceKey<Cpu> {
        &self.cpu
    }
}

/// A backend, and where what is prepared for it is kept.
pub(crate) trait Home: Backend + Sized {
    /// The SRS for this backend.
    fn srs(srs: &EngineSrs) -> &Prepared<zkml_prover::Srs<Self>>;
    /// The key on this backend.
    fn key<'k>(&self, key: &'k EngineKey) -> Result<&'k DeviceKey<Self>, Error>;
    /// A key that was made on this backend.
    fn own(&self, key: DeviceKey<Self>) -> Result<EngineKey, Error>;
    /// Runs a proof on a thread that suits this backend.
    fn on_its_thread<R: Send>(
        &self,
        progress: &Progress,
        proof: impl FnOnce() -> Result<R, Error> + Send,
    ) -> Result<R, Error>;
}

impl Home for Cpu {
    fn srs(srs: &EngineSrs) -> &Prepared<zkml_prover::Srs<Self>> {
        &srs.cpu
    }

    fn key<'k>(&self, key: &'k EngineKey) -> Result<&'k DeviceKey<Self>, Error> {
        Ok(&key.cpu)
    }

    fn own(&self, key: DeviceKey<Self>) -> Result<EngineKey, Error> {
        Ok(key.into())
    }

    fn on_its_thread<R: Send>(
        &self,
        progress: &Progress,
        proof: impl FnOnce() -> Result<R, Error> + Send,
    ) -> Result<R, Error> {
        pool::run(progress, proof)
    }
}

#[cfg(feature = "_gpu")]
impl Home for zkml_kernels::Cuda {
    fn srs(srs: &EngineSrs) -> &Prepared<zkml_prover::Srs<Self>> {
        &srs.cuda
    }

    fn key<'k>(&self, key: &'k EngineKey) -> Result<&'k DeviceKey<Self>, Error> {
        key.cuda.get_or_make(|| {
            let copied = key.cpu.transfer(device::cpu(), self);
            copied.map_err(|e| failed("preparing the key", e))
        })
    }

    fn own(&self, key: DeviceKey<Self>) -> Result<EngineKey, Error> {
        let copied = key.transfer(self, device::cpu());
        let own = EngineKey::from(copied.map_err(|e| failed("making keys", e))?);
        own.cuda.get_or_make(|| Ok(key))?;
        Ok(own)
    }

    /// Right here: each thread has a stream of its own.
    fn on_its_thread<R: Send>(
        &self,
        _: &Progress,
        proof: impl FnOnce() -> Result<R, Error> + Send,
    ) -> Result<R, Error> {
        proof()
    }
}

/// Runs code with `$backend` bound to the device that was chosen for circuits of `2^$k` rows.
macro_rules! on_device {
    ($k:expr, $backend:ident => $code:expr) => {
        match $crate::device::device_for($k)? {
            $crate::device::Chosen::Cpu($backend) => $code,
            #[cfg(feature = "_gpu")]
            $crate::device::Chosen::Cuda($backend) => $code,
        }
    };
}

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

/// What computes small proofs, for people: `cpu (AVX-512 IFMA, 2 threads)`.
pub fn engine_name() -> String {
    device::cpu().name()
}

pub(crate) fn prepared_srs<'s, B: Home>(backend: &B, srs: &'s Srs) -> Result<&'s zkml_prover::Srs<B>, Error> {
    B::srs(srs.prepared()).get_or_make(|| {
        zkml_prover::Srs::new(backend, srs.params()).map_err(|e| failed("preparing the SRS", e))
    })
}

/// The keys of a circuit.
pub(crate) fn keygen(
    srs: &Srs,
    circuit: &NetworkCircuit,
) -> Result<(plonk::VerifyingKey<G1Affine>, EngineKey), Error> {
    on_device!(srs.k(), backend => keygen_on(backend, srs, circuit))
}

fn keygen_on<B: Home>(
    backend: &B,
    srs: &Srs,
    circuit: &NetworkCircuit,
) -> Result<(plonk::VerifyingKey<G1Affine>, EngineKey), Error> {
    let srs = prepared_srs(backend, srs)?;
    let (vk, key) =
        zkml_prover::keygen(backend, srs, circuit, false).map_err(|e| failed("making keys", e))?;
    Ok((vk, backend.own(key)?))
}

/// The key of fixed columns and columns of the permutation.
pub(crate) fn key(
    vk: &plonk::VerifyingKey<G1Affine>,
    fixed: Vec<Vec<Fr>>,
    permutation: Vec<Vec<Fr>>,
) -> Result<EngineKey, Error> {
    let key = DeviceKey::from_rows(device::cpu(), vk, fixed, permutation);
    Ok(key.map_err(|e| failed("preparing the key", e))?.into())
}

/// The fixed columns of a key, then those of the permutation, by rows.
pub(crate) fn key_columns(key: &EngineKey) -> impl Iterator<Item = Result<Vec<Fr>, Error>> + '_ {
    let (key, cpu) = (&key.cpu, device::cpu());
    let fixed = (0..key.fixed_columns()).map(move |index| key.fixed_column(cpu, index));
    let permutation = (0..key.permutation_columns()).map(move |index| key.permutation_column(cpu, index));
    fixed
        .chain(permutation)
        .map(|column| column.map_err(|e| failed("reading the key", e)))
}

/// A key as halo2 has it.
pub(crate) fn halo2_key(
    key: &EngineKey,
    vk: plonk::VerifyingKey<G1Affine>,
) -> Result<plonk::ProvingKey<G1Affine>, Error> {
    key.cpu
        .to_halo2(device::cpu(), vk)
        .map_err(|e| failed("preparing the key for halo2", e))
}

/// Writes a proof to a transcript, with its link if it has one. The SRS has the key's size.
pub(crate) fn prove<E, T>(
    key: &ProvingKey,
    srs: &Srs,
    circuit: &NetworkCircuit,
    instances: &[&[Fr]],
    link: Option<&Link<'_>>,
    transcript: &mut T,
    progress: &Progress,
) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E> + Send,
{
    on_device!(key.k(), backend => backend.on_its_thread(progress, || {
        prove_on(backend, key, srs, circuit, instances, link, transcript, progress)
    }))
}

#[allow(clippy::too_many_arguments)] // Those of `prove`, and where.
fn prove_on<B, E, T>(
    backend: &B,
    key: &ProvingKey,
    srs: &Srs,
    circuit: &NetworkCircuit,
    instances: &[&[Fr]],
    link: Option<&Link<'_>>,
    transcript: &mut T,
    progress: &Progress,
) -> Result<(), Error>
where
    B: Home,
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let srs = progress.stage("preparing the SRS", || prepared_srs(backend, srs))?;
    let key = progress.stage("preparing the key", || backend.key(key.engine()))?;
    let setup = Setup { backend, srs, key };
    let mut witness = PhasedColumns::new(|phase, challenges: &[Option<Fr>]| {
        circuit.columns(phase, challenges).map(engine_columns)
    });
    let mut report = |stage: Stage, fraction: f64| match progress.report(STAGE, overall(stage, fraction)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    progress.stage(STAGE, || {
        let mut linking = link.map(Linking::new);
        let extension = linking.as_mut().map(|linking| linking as &mut dyn Extension<B>);
        zkml_prover::create_extended_proof(
            setup,
            &mut witness,
            instances,
            OsRng,
            transcript,
            &mut report,
            extension,
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

/// The columns of a phase ([`NetworkCircuit::columns`]) as the engine takes them.
pub fn engine_columns(columns: Vec<PhaseColumn>) -> Vec<Column> {
    let codes = |codes| match codes {
        Codes::Own(codes) => zkml_prover::Codes::Own(codes),
        Codes::Advice(index) => zkml_prover::Codes::Advice(index),
    };
    let column = |column| match column {
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
    };
    columns.into_iter().map(column).collect()
}

fn failed(stage: &'static str, error: zkml_prover::Error) -> Error {
    Error::Backend {
        stage,
        reason: error.to_string(),
    }
}
