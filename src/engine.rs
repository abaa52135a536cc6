//! Keys on the engine of `zkml-prover`; [`session`] has its proofs.
//!
//! Main memory is where keys live: a key that a GPU makes is copied there. What the engine needs of an SRS on CPUs is
//! prepared when it is first used, and kept with the SRS.

#[cfg(feature = "prover")]
mod columns;
#[cfg(feature = "prover")]
mod implementation;
#[cfg(feature = "prover")]
mod session;
#[cfg(feature = "prover")]
mod threads;

#[cfg(feature = "prover")]
pub use columns::engine_columns;
#[cfg(feature = "prover")]
pub use implementation::Implementation;
#[cfg(feature = "prover")]
pub(crate) use session::{Engine, Statement};
#[cfg(feature = "prover")]
pub(crate) use threads::Threads;

use crate::backend::NetworkCircuit;
use crate::device::{Device, Opened};
use crate::{Error, Srs};
use halo2_proofs::plonk;
use halo2curves::bn256::{Fr, G1Affine};
use std::sync::Arc;
use zkml_kernels::{Backend, Cpu};
use zkml_prover::DeviceKey;

/// An SRS for a backend.
fn srs_on<B: Backend>(backend: &B, srs: &Srs) -> Result<zkml_prover::Srs<B>, Error> {
    zkml_prover::Srs::new(backend, srs.params(), srs.next_power()).map_err(|e| failed("preparing the SRS", e))
}

/// An SRS for the CPU, which is made once.
fn srs_on_cpu(cpu: &Cpu, srs: &Srs) -> Result<Arc<zkml_prover::Srs<Cpu>>, Error> {
    srs.prepared().get_or_make(|| srs_on(cpu, srs)).cloned()
}

/// The keys of a circuit, made on a device. The SRS has the circuit's size.
pub(crate) fn keygen(
    device: Device,
    srs: &Srs,
    circuit: &NetworkCircuit,
) -> Result<(plonk::VerifyingKey<G1Affine>, DeviceKey<Cpu>), Error> {
    match device.open(srs.k())? {
        Opened::Cpu(cpu) => keygen_on(&cpu, &*srs_on_cpu(&cpu, srs)?, circuit),
        #[cfg(feature = "_gpu")]
        Opened::Cuda(gpu) => {
            let (vk, key) = keygen_on(&gpu, &srs_on(&gpu, srs)?, circuit)?;
            Ok((vk, transfer(&key, &gpu, &Cpu::new())?))
        }
    }
}

fn keygen_on<B: Backend>(
    backend: &B,
    srs: &zkml_prover::Srs<B>,
    circuit: &NetworkCircuit,
) -> Result<(plonk::VerifyingKey<G1Affine>, DeviceKey<B>), Error> {
    zkml_prover::keygen(backend, srs, circuit, false).map_err(|e| failed("making keys", e))
}

/// A key on another backend.
#[cfg(feature = "_gpu")]
fn transfer<A: Backend, B: Backend>(key: &DeviceKey<A>, from: &A, to: &B) -> Result<DeviceKey<B>, Error> {
    key.transfer(from, to).map_err(|e| failed("copying the key", e))
}

/// The key of fixed columns and columns of the permutation.
pub(crate) fn key(
    vk: &plonk::VerifyingKey<G1Affine>,
    fixed: Vec<Vec<Fr>>,
    permutation: Vec<Vec<Fr>>,
) -> Result<DeviceKey<Cpu>, Error> {
    let key = DeviceKey::from_rows(&Cpu::new(), vk, fixed, permutation);
    key.map_err(|e| failed("preparing the key", e))
}

/// The fixed columns of a key, then those of the permutation, by rows.
pub(crate) fn key_columns<'k>(
    key: &'k DeviceKey<Cpu>,
    cpu: &'k Cpu,
) -> impl Iterator<Item = Result<Vec<Fr>, Error>> + 'k {
    let fixed = (0..key.fixed_columns()).map(|index| key.fixed_column(cpu, index));
    let permutation = (0..key.permutation_columns()).map(|index| key.permutation_column(cpu, index));
    fixed
        .chain(permutation)
        .map(|column| column.map_err(|e| failed("reading the key", e)))
}

/// A key as halo2 has it.
pub(crate) fn halo2_key(
    key: &DeviceKey<Cpu>,
    vk: plonk::VerifyingKey<G1Affine>,
) -> Result<plonk::ProvingKey<G1Affine>, Error> {
    key.to_halo2(&Cpu::new(), vk)
        .map_err(|e| failed("preparing the key for halo2", e))
}

fn failed(stage: &'static str, error: zkml_prover::Error) -> Error {
    Error::backend(stage, error)
}
