//! Proofs of CPU and GPU are the same, and what crosses the bus meanwhile.

use super::super::equality_items;
use crate::engine::upstream::{Keys, Prepared};
use crate::report::{Figure, Report};
use anyhow::{Result, ensure};
use halo2_proofs::plonk::keygen_pk2;
use halo2curves::bn256::Fr;
use std::convert::Infallible;
use zkml::{Progress, Srs};
use zkml_kernels::{Backend, Cpu, Cuda};
use zkml_prover::PhasedColumns;
use zkml_testing::lanes::Lanes;

/// Rows and lanes.
const K: u32 = 14;
const LANES: usize = 32;

/// Proofs at once.
const AT_ONCE: usize = 4;

/// Compares, counts, and proves several at once.
pub fn run(gpu: &Cuda, report: &mut Report) {
    report.measure_all(equality_items(), || measure(gpu));
}

fn measure(gpu: &Cuda) -> Result<Vec<Figure>> {
    let circuit = Lanes::new(K, LANES);
    let srs = Srs::development(K, &Progress::none())?;
    let key = keygen_pk2(srs.params(), &circuit, false)?;
    let keys = Keys {
        params: srs.params(),
        key: &key,
        instances: &[],
    };
    let on_cpu = prove(&Prepared::new(Cpu::new(), &keys)?, &circuit)?;
    let prepared = Prepared::new(gpu.clone(), &keys)?;
    gpu.forget_largest();
    let before = gpu.activity();
    let on_gpu = prove(&prepared, &circuit)?;
    let after = gpu.activity();
    keys.check(&on_gpu)?;
    let at_once = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|_| scope.spawn(|| prove(&prepared, &circuit)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|result| result.unwrap_or_else(|_| Err(anyhow::anyhow!("a proof panicked"))))
            .collect::<Result<Vec<_>>>()
    })?;
    ensure!(after.operations > before.operations, "the GPU did nothing");
    let column = 32u64 << K;
    Ok(vec![
        Figure::new(
            on_cpu == on_gpu,
            format!("{} bytes of proof, k = {K}, {LANES} lanes", on_gpu.len()),
        ),
        Figure::new(
            after.largest_to_host < column,
            format!(
                "at most {} bytes at a time, a column has {column}; in all {} bytes, {} bytes to the GPU",
                after.largest_to_host,
                after.to_host - before.to_host,
                after.to_device - before.to_device
            ),
        ),
        Figure::new(
            at_once.iter().all(|proof| *proof == on_cpu),
            format!("{AT_ONCE} proofs"),
        ),
    ])
}

/// A proof of the synthetic circuit with fixed randomness.
pub(super) fn prove<B: Backend>(prepared: &Prepared<B>, circuit: &Lanes) -> Result<Vec<u8>> {
    let columns = |phase: usize, challenges: &[Option<Fr>]| {
        Ok::<_, Infallible>(circuit.columns(phase, challenges.first().copied().flatten()))
    };
    prepared.proof(&mut PhasedColumns::new(columns), &[], 1)
}
